"""Which version of its curriculum a cohort follows, and what it followed before: its season by all of them."""

from bot.curriculum import upgrade
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum
from bot.curriculum.plan import Step
from bot.curriculum.upgrade import Formers, Week
from bot.records import curricula as kept
from bot.records.cohorts import Cohort
from bot.records.records import Records


async def keep(records: Records, curricula: Curricula) -> None:
    """Keep the versions on offer in the records, and have those at hand that cohorts follow; see `kept.keep`.

    A curriculum that was kept by an earlier release is read by this one, so its model only ever grows.
    """
    on_offer = {(each.id, each.version): each.model_dump(mode="json", by_alias=True) for each in curricula}
    older = await records.write(kept.keep, on_offer, tuple(curricula.older))
    curricula.older.update({key: Curriculum.model_validate(content) for key, content in older.items()})


def followed(curricula: Curricula, cohort: Cohort) -> Curriculum | None:
    """The curriculum at the version that the cohort follows; None if it is not at hand any more."""
    return curricula.at(cohort.curriculum, cohort.version)


def weeks(curricula: Curricula, cohort: Cohort) -> tuple[Week, ...]:
    """The weeks of the cohort's season as they are posted; none if its curriculum is not at hand."""
    now = followed(curricula, cohort)
    return () if now is None else upgrade.weeks(_formers(curricula, cohort), now, cohort.pace)


def season(curricula: Curricula, cohort: Cohort) -> tuple[Step, ...]:
    """The weeks of the cohort's season as they read now; none if its curriculum is not at hand."""
    now = followed(curricula, cohort)
    return () if now is None else upgrade.season(_formers(curricula, cohort), now, cohort.pace)


def season_length(curricula: Curricula, cohort: Cohort) -> int | None:
    """How many weeks the cohort's season has; None if its curriculum is not at hand."""
    return len(season(curricula, cohort)) or None


def _formers(curricula: Curricula, cohort: Cohort) -> Formers:
    """What was followed before. Of a version that is not at hand nothing is known, so its weeks count as the next's."""
    found = ((curricula.at(cohort.curriculum, each.version), each.end_step) for each in cohort.formers)
    return tuple((by, end_step) for by, end_step in found if by is not None)
