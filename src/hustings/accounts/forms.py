"""What signing up asks beyond allauth's own fields; allauth makes its sign-up inputs from this class."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest

from hustings.accounts import checks, people, rules
from hustings.accounts.errors import TooYoungError
from hustings.accounts.models import Account


class SignupForm(forms.Form):
    """The question about age, and a display name for those who want one."""

    age_band = forms.CharField()
    name = forms.CharField(required=False)

    def clean_age_band(self) -> str:
        """The answer. Under 13 is refused here, before there is a row or a session to keep it in."""
        answer = str(self.cleaned_data["age_band"])
        try:
            fault = people.age_fault(answer)
        except TooYoungError as young:
            raise forms.ValidationError(f"{young.message} {young.hint}", code=young.code) from None
        if fault:
            raise forms.ValidationError(fault, code="invalid_choice")
        return answer

    def clean_name(self) -> str:
        """The display name, or empty: then the handle stands in."""
        name = rules.clean_name(str(self.cleaned_data.get("name") or ""))
        fault = checks.name_fault(name) if name else None
        if fault:
            raise forms.ValidationError(fault, code="name_refused")
        return name

    def clean(self) -> dict[str, Any]:
        """Compare the password with handle and name, which allauth does not know where it looks at it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        password = cleaned.get("password")
        if password:
            who = Account(handle=cleaned.get("username", ""), name=cleaned.get("name", ""))
            try:
                validate_password(password, who)
            except forms.ValidationError as weak:
                self.add_error("password", weak)
        return cleaned

    def signup(self, request: HttpRequest, user: Account) -> None:
        """Allauth's hook after saving; the adapter has already put everything on the row."""
