"""`{% say "key" name=value %}`: a sentence in the page's language, escaped as any other value."""

from typing import Any

from django import template

from hustings.trust.office import pages

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: template.Context, key: str, **values: Any) -> str:
    return pages.say(key, context["lang"], **values)
