"""A report made without a network is kept on the phone and sent later, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import Engine, text

from tests.features.conftest import Desk
from tests.features.test_report_incident import begin_report, centre_query, choose_category

PHONE = {"width": 390, "height": 844}
# What lies in the browser's store, not what is shown of it.
NOTHING_WAITS = """() => new Promise((resolve) => {
  indexedDB.open('wangge').onsuccess = ({ target }) => {
    const asked = target.result.transaction('reports').objectStore('reports').count()
    asked.onsuccess = () => { target.result.close(); resolve(asked.result === 0) }
  }
})"""
CASES = text("SELECT count(*) FROM incidents.incident WHERE description = :description")


def test_a_report_made_offline_waits_and_is_sent_once(
    desk: Desk, city_engine: Engine, screenshot: Callable[[str], Path]
) -> None:
    page, panel, description = desk.page, desk.panel("incident"), "断网时看到的垃圾"

    def count() -> int:
        with city_engine.begin() as connection:
            return int(connection.execute(CASES, {"description": description}).scalar_one())

    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.enter("supervisor")
    desk.open(centre_query(desk))
    begin_report(desk)
    page.mouse.click(150, 230)
    expect(panel.locator("[data-location=grid]")).to_contain_text("网格")
    choose_category(desk, "暴露生活垃圾")
    page.fill("[data-input=description] textarea", description)

    page.context.set_offline(True)
    page.click("[data-action=send-report]")
    expect(panel).to_have_count(0)
    expect(page.locator("[data-outbox-count]")).to_have_text("1 件待发送")
    page.click("[data-outbox-count]")
    expect(panel.locator("[data-waiting=waits]")).to_contain_text("联网后自动发送")
    screenshot("phone-offline")
    assert count() == 0

    page.context.set_offline(False)
    expect(page.locator("[data-outbox-count]")).to_have_count(0)
    assert count() == 1
    page.reload()
    assert count() == 1


def test_what_the_server_refuses_waits_for_its_author(
    desk: Desk, city_engine: Engine, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("incident")
    desk.enter("supervisor")
    desk.open(centre_query(desk))
    badge = page.locator("[data-outbox-count]")
    for waiting in (0, 1):
        begin_report(desk)
        page.mouse.click(760, 380)
        expect(panel.locator("[data-location=grid]")).to_contain_text("网格")
        page.context.set_offline(True)
        choose_category(desk, "占道经营")
        page.click("[data-action=send-report]")
        expect(panel).to_have_count(0)
        page.context.set_offline(False)
        expect(badge).to_have_count(waiting)
    # The second is held to double the first: its author decides.
    badge.click()
    refused = panel.locator("[data-waiting=refused]")
    expect(refused).to_contain_text("附近有 1 件同类在办事件")
    screenshot("offline-similar")
    refused.locator("[data-action=join-waiting]").click()
    expect(badge).to_have_count(0)
    told = text(
        "SELECT count(*) FROM incidents.reporter AS r JOIN incidents.incident AS i "
        "ON i.id = r.incident_id WHERE i.category = 'UM-0406' "
        "AND i.reported_at > now() - interval '5 minutes'"
    )
    with city_engine.begin() as connection:
        assert connection.execute(told).scalar_one() == 2


def test_a_report_sent_after_the_session_ended_waits_for_its_author(
    desk: Desk, city_engine: Engine
) -> None:
    page, panel, description = desk.page, desk.panel("incident"), "会话结束后点了登记"

    def count() -> int:
        with city_engine.begin() as connection:
            return int(connection.execute(CASES, {"description": description}).scalar_one())

    desk.enter("supervisor")
    desk.open(centre_query(desk))
    begin_report(desk)
    page.mouse.click(700, 300)
    expect(panel.locator("[data-location=grid]")).to_contain_text("网格")
    choose_category(desk, "占道经营")
    page.fill("[data-input=description] textarea", description)
    page.context.clear_cookies()
    page.click("[data-action=send-report]")
    page.wait_for_selector("[data-page=sign-in]")

    desk.sign_in_by_form("worker")
    expect(page.locator("[data-outbox-count]")).to_have_count(0)
    assert count() == 0
    page.click("[data-action=account]")
    page.click("[data-action=sign-out]")
    desk.sign_in_by_form("supervisor")
    page.wait_for_function(NOTHING_WAITS)
    assert count() == 1
