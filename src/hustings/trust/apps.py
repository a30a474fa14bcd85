from django.apps import AppConfig


class TrustConfig(AppConfig):
    name = "hustings.trust"
    label = "trust"

    def ready(self) -> None:
        from hustings.trust.access import start as access
        from hustings.trust.closure import start as closure
        from hustings.trust.datamap import start as datamap
        from hustings.trust.egress import start
        from hustings.trust.rights import start as rights

        access.ready()
        closure.ready()
        datamap.ready()
        rights.ready()
        start.ready(self)
        from hustings.trust.log import start as log

        log.ready()
