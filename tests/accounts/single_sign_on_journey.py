"""What test_single_sign_on.py runs: from the button to an account, and in again. Prints what was seen."""

import json
from urllib.parse import parse_qs, urlsplit

import django

django.setup()

from hustings.trust.api import service_from_here  # noqa: E402 - Django comes first

service_from_here()

from allauth.account.models import EmailAddress  # noqa: E402 - Django comes first
from allauth.socialaccount.models import SocialAccount  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

settings.ALLOWED_HOSTS = ["testserver"]
connection.creation.create_test_db(verbosity=0)

from cast import Visitor  # noqa: E402
from hustings.accounts.models import Account  # noqa: E402

ROOT = "/_allauth/browser/v1"


def come(visitor: Visitor) -> dict[str, list[str]]:
    """Press the button, be sent to the provider, come back."""
    form = {"provider": "oidc", "callback_url": "/signup/provider?next=%2Finbox", "process": "login"}
    sent = visitor.post(f"{ROOT}/auth/provider/redirect", form)
    assert sent.status_code == 302, sent.content
    seen["sent_to"] = sent["Location"].partition("?")[0]
    asked = parse_qs(urlsplit(sent["Location"]).query)
    back = visitor.get(urlsplit(asked["redirect_uri"][0]).path, {"code": "c", "state": asked["state"][0]})
    assert back.status_code == 302, back.content
    assert back["Location"] == "/signup/provider?next=%2Finbox"
    return asked


seen: dict[str, object] = {}
mair = Visitor()
config = mair.ask("GET", f"{ROOT}/config")["data"]["socialaccount"]["providers"]
seen["offered"] = [{"id": one["id"], "name": one["name"]} for one in config]
assert mair.ask("GET", "/api/v1/sign-in")["providers"] == seen["offered"]
seen["scope"] = come(mair)["scope"]
flows = mair.ask("GET", f"{ROOT}/auth/session", status=401)["data"]["flows"]
seen["asked"] = next(flow["id"] for flow in flows if flow.get("is_pending"))
young = mair.post(
    f"{ROOT}/auth/provider/signup",
    {"username": "mair", "age_band": "under_13"},
    content_type="application/json",
)
seen["too_young"] = young.status_code
seen["kept_of_the_too_young"] = Account.objects.count() + SocialAccount.objects.count()
mair.ask("POST", f"{ROOT}/auth/provider/signup", {"username": "mair", "age_band": "18+"})
me = mair.ask("GET", "/api/v1/me")["account"]
seen |= {"handle": me["handle"], "age_band": me["age_band"]}
seen["kept_of_the_provider"] = SocialAccount.objects.get().extra_data
seen["addresses"] = EmailAddress.objects.count()
again = Visitor()
come(again)
seen["again"] = again.ask("GET", "/api/v1/me")["account"]["handle"]
print(json.dumps(seen))  # noqa: T201 - the test reads it
