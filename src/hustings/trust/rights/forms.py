"""What the pages of rights share: whose data is meant, proofs of who asks, and where to go afterwards."""

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponseRedirect

from hustings.trust.people import people
from hustings.trust.rights.errors import ProofNeededError


def chosen(request: HttpRequest) -> str:
    """The organisation that a page is about, by its handle; empty for oneself."""
    given = request.POST.get("for", "") if request.method == "POST" else request.GET.get("for", "")
    return given.strip().removeprefix("@").lower()


def inside(path: str, otherwise: str) -> str:
    """`path` when it leads to a page of this site, else `otherwise`: nobody is sent elsewhere by a link."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith("//") and "\\" not in path and not parts.netloc
    return path if fine and path.isprintable() else otherwise


def require_fresh(request: HttpRequest) -> None:
    """ProofNeededError unless who asks proved within the last minutes that it is them."""
    if not people().fresh(request):
        raise ProofNeededError


def to_proof(request: HttpRequest) -> HttpResponseRedirect:
    """The page where one proves it, which leads back here."""
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else request.path
    return HttpResponseRedirect(f"/trust/confirm?{urlencode({'next': back, 'lang': request.GET.get('lang', '')})}")
