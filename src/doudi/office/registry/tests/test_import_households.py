from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from doudi.office.registry.models import Household, Person
from doudi.office.registry.queries import household
from doudi.office.registry.tests.files import (
    COUPLE,
    HEAD,
    JULY,
    ROSTER,
    SHOUTIAN,
    counts,
    csv_file,
    imported,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("office")]


def test_what_a_list_proves_by_itself_is_said_of_the_household(tmp_path: Path) -> None:
    head = ("户主", "身份证号", "村", "受灾日期")
    imported("register:disaster_moved_roster", csv_file(tmp_path, head, (*COUPLE[0][:2], "郝集村", "2020-06-22")))
    facts = Person.objects.get().household.facts
    assert (facts["disaster_hit"], facts["disaster_hit_on"]) == (True, "2020-06-22")


def test_a_guess_yields_to_every_list_and_a_list_only_to_a_later_one(tmp_path: Path) -> None:
    bill = csv_file(tmp_path, ("姓名", "身份证号", "个人自付"), (*COUPLE[1][:2], "5"))
    imported("register:large_medical_bills", bill)
    alone = Person.objects.get(name="梅桂英").household_id
    imported("register:dibao_roster", csv_file(tmp_path, *ROSTER))
    together = Person.objects.get(name="梅桂英").household_id
    assert together == Person.objects.get(name="梅长贵").household_id != alone
    assert [m.name for m in household(alone, as_of=date(2020, 1, 1)).members] == []
    assert len(household(together, as_of=date(2020, 1, 1)).members) == 2
    survey = ["户主", "身份证号", "村", "成员姓名", "成员身份证号", "与户主关系", "调查日期"]
    own = (*COUPLE[1][:2], "郝集村", *COUPLE[1][:2], "户主", "2020-07-03")
    imported("register:household_survey", csv_file(tmp_path, survey, own))
    apart = Person.objects.get(name="梅桂英")
    assert apart.household_id != together and apart.role == "head"
    assert len(household(together, as_of=date(2020, 7, 2)).members) == 2
    earlier = (*COUPLE[0][:2], "郝集村", *COUPLE[1][:2], "妻", "2020-06-30")
    imported("register:household_survey", csv_file(tmp_path, survey, earlier))
    imported("register:dibao_roster", csv_file(tmp_path, *ROSTER), observed_on=JULY)
    assert Person.objects.get(name="梅桂英").household_id == apart.household_id


def test_a_key_whose_household_is_dissolved_means_the_next_one(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, COUPLE[0]))
    old = Household.objects.get()
    survey = ["户主", "身份证号", "村", "成员姓名", "成员身份证号", "与户主关系"]
    with_son = [
        ("贾守田", SHOUTIAN[1], "江店村", "贾守田", SHOUTIAN[1], "户主"),
        ("", "", "", "梅长贵", COUPLE[0][1], "父"),
    ]
    imported("register:household_survey", csv_file(tmp_path, survey, *with_son), observed_on=date(2020, 7, 1))
    old.refresh_from_db()
    assert old.dissolved_on == date(2020, 7, 1)
    imported("person", csv_file(tmp_path, HEAD, COUPLE[0], ("合计",)), observed_on=JULY)
    changgui, shoutian = (Person.objects.get(name=name) for name in ("梅长贵", "贾守田"))
    assert changgui.household_id not in (old.pk, shoutian.household_id)


def test_a_survey_with_merged_heads_says_what_each_member_earns_and_the_family_owns(tmp_path: Path) -> None:
    head = (
        "户主,身份证号,村,城乡类别,成员姓名,成员身份证号,与户主关系,是否共同生活,工资性月收入,存款及有价证券,调查日期"
    )
    batch = imported(
        "register:household_survey",
        csv_file(
            tmp_path,
            ("入户调查表",),
            head.split(","),
            (
                "贾守田",
                SHOUTIAN[1],
                "江店村",
                "农村",
                "贾守田",
                SHOUTIAN[1],
                "户主",
                "是",
                "900.00",
                "8000",
                "2020.7.16",
            ),
            ("", "", "", "", "吴巧云", "34159919670903102X", "妻", "是", "0", "", ""),
            ("", "", "", "", "贾小禾", "341599200411201048", "女", "未知", "", "", ""),
            ("小计", "", "", "", "", "", "", "", "900.00", "", ""),
        ),
    )
    assert counts(batch) == {"new": 3, "ignored": 3}
    (home,) = Household.objects.all()
    view = household(home.pk, as_of=JULY)
    assert [m.name for m in view.members] == ["贾守田", "吴巧云", "贾小禾"]
    assert view.facts["savings"].value == "8000.00" and view.facts["household_class"].value == "rural"
    assert view.facts["savings"].on == date(2020, 7, 16)
    assert view.members[0].facts["work_income"].value == "900.00" and view.members[0].facts["lives_here"].value is True
    assert view.members[2].facts["lives_here"].why == "asked"


def test_a_head_who_lives_in_anothers_household_does_not_bring_others_into_it(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, *COUPLE))
    hers = [ROSTER[0], ("梅桂英", COUPLE[1][1], "郝集村", "贾小禾", "341599200411201048", "女")]
    imported("register:dibao_roster", csv_file(tmp_path, *hers))
    daughter, mother = (Person.objects.get(name=name) for name in ("贾小禾", "梅桂英"))
    assert daughter.household_id != mother.household_id == Person.objects.get(name="梅长贵").household_id


def test_a_new_head_does_not_inherit_the_number_of_the_head_above(tmp_path: Path) -> None:
    rows = [ROSTER[1], ("贾守田", "", "江店村", "贾小禾", "341599200411201048", "女")]
    imported("register:dibao_roster", csv_file(tmp_path, ROSTER[0], *rows))
    daughter, stranger = (Person.objects.get(name=name) for name in ("贾小禾", "梅长贵"))
    assert daughter.household_id != stranger.household_id


def test_a_roster_without_a_column_for_the_members_number_means_theirs(tmp_path: Path) -> None:
    head = ("户主", "村", "姓名", "身份证号", "与户主关系")
    rows = [("梅长贵", "郝集村", name, number, role) for name, number, _, role, _ in COUPLE]
    assert counts(imported("register:dibao_roster", csv_file(tmp_path, head, *rows))) == {"new": 2, "ignored": 1}
    assert Household.objects.count() == 1


def test_the_same_words_on_a_later_day_are_said_anew(tmp_path: Path) -> None:
    head = (*ROSTER[0], "存款及有价证券", "调查日期")
    for n, day in enumerate(("2020-05-20", "2020-07-03")):
        path = csv_file(tmp_path, head, (*ROSTER[1], "8000", day))
        batch = imported("register:household_survey", path)
        assert counts(batch) == ({"changed": 1, "ignored": 1} if n else {"new": 1, "ignored": 1})
    view = household(Household.objects.get().pk, as_of=JULY)
    assert view.facts["savings"].on == date(2020, 7, 3)
