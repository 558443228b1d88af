"""Draw the icons of the installed application from the page's own icon."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.harness import CHROMIUM_FLAGS, chromium_path

PUBLIC = Path(__file__).resolve().parent.parent / "viewer" / "public"
ICONS = {
    "icon-192.png": (192, 0.0),
    "icon-512.png": (512, 0.0),
    "icon-maskable-512.png": (512, 0.04),
}
"""File, side in pixels, and the share of it left free on each side.

A phone may cut a maskable icon down to the circle of 80 % of its side (W3C Web Application
Manifest, safe zone); its ground goes to the edge.
"""
GROUND = "#1f5fbf"


def main() -> None:
    """Write the icons into the folder of public files."""
    drawing = (PUBLIC / "favicon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        for name, (side, free) in ICONS.items():
            page = browser.new_page(viewport={"width": side, "height": side})
            ground = GROUND if free else "transparent"
            page.set_content(
                f"<style>body{{margin:0;background:{ground}}}"
                f"svg{{display:block;width:{side * (1 - 2 * free)}px;margin:{side * free}px}}"
                f"</style>{drawing}"
            )
            page.screenshot(path=PUBLIC / name, omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
