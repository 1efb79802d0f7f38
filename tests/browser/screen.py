"""One browser as a test uses it: what a person sees, types and presses, with bounded waits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

# Selenium is imported late: without it these tests are skipped, and say so.
if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

CHROMIUM, CHROMEDRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE, DESKTOP = (390, 844), (1400, 900)
PATIENCE = 30.0
# In one step: asking for each element whether it is shown and what it says is slow.
FIND = """
    const [css, text] = arguments;
    return [...document.querySelectorAll(css)].find((part) =>
        part.checkVisibility({ visibilityProperty: true }) && part.innerText.includes(text)) || null;
"""


def launch(profile: Path) -> Chrome:
    """A fresh Chromium with the driver of the same package; nothing is looked for elsewhere."""
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=Service(executable_path=str(CHROMEDRIVER)))
    driver.set_page_load_timeout(PATIENCE)
    driver.set_script_timeout(PATIENCE)
    return driver


class Screen:
    """A window on one house."""

    def __init__(self, driver: Chrome, address: str) -> None:
        self.driver, self.address = driver, address

    def tell(self, command: str, **values: Any) -> Any:
        """One command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(command, values)

    def become(self, size: tuple[int, int], language: str, scheme: str = "light") -> Screen:
        """A phone or a desktop whose owner reads `language`; nothing of an earlier owner is left."""
        self.driver.get("about:blank")
        self.tell("Network.clearBrowserCookies")
        self.tell("Storage.clearDataForOrigin", origin=self.address, storageTypes="all")
        self.scripts(True)
        agent = self.tell("Browser.getVersion")["userAgent"]
        self.tell("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        self.tell("Emulation.setTouchEmulationEnabled", enabled=size == PHONE, maxTouchPoints=5)
        self.resize(*size)
        self.paint(scheme)
        self.complaints()
        return self

    def resize(self, width: int, height: int = 844) -> None:
        self.tell(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 768
        )

    def paint(self, scheme: str) -> None:
        """Light or dark, at once: nothing fades over."""
        media = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
        features = [{"name": name, "value": value} for name, value in media.items()]
        self.tell("Emulation.setEmulatedMedia", media="screen", features=features)

    def scripts(self, allowed: bool) -> None:
        self.tell("Emulation.setScriptExecutionDisabled", value=not allowed)

    def visit(self, path: str) -> Screen:
        self.driver.get(path if path.startswith("http") else self.address + path)
        return self

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements("css selector", css)

    def see(self, css: str, text: str = "") -> WebElement:
        """The first visible element that says `text`; waits for it."""
        found: WebElement = self.wait(lambda _: self.run(FIND, css, text), f"{css} {text!r}")
        return found

    def wait(self, condition: Any, what: str) -> Any:
        """What `condition` gives as soon as it is true."""
        from selenium.common.exceptions import JavascriptException, StaleElementReferenceException, TimeoutException
        from selenium.webdriver.support.wait import WebDriverWait

        passing = (JavascriptException, StaleElementReferenceException)
        try:
            return WebDriverWait(self.driver, PATIENCE, 0.05, passing).until(condition)
        except TimeoutException:
            raise AssertionError(f"not seen: {what}\n{self.driver.current_url}\n{self.words()[:9000]}") from None

    def press(self, css: str, text: str = "") -> None:
        """Click it where it can be seen: in the middle, not under what sticks to an edge."""
        part = self.see(css, text)
        self.run("arguments[0].scrollIntoView({block: 'center'})", part)
        part.click()

    def go(self, css: str, text: str = "") -> None:
        """Click what leads to another page, and be there."""
        self.run("window.leaving = true")
        self.press(css, text)
        self.wait(lambda _: self.run("return !window.leaving && document.readyState === 'complete'"), "the next page")

    def double_click(self, css: str) -> None:
        from selenium.webdriver import ActionChains

        part = self.see(css)
        ActionChains(self.driver).scroll_to_element(part).double_click(part).perform()

    def tab(self, times: int) -> None:
        """On to the next stops of the keyboard."""
        from selenium.webdriver import ActionChains, Keys

        ActionChains(self.driver).send_keys(Keys.TAB * times).perform()

    def type(self, css: str, text: str) -> None:
        box = self.see(css)
        box.clear()
        box.send_keys(text)

    def value(self, css: str) -> str:
        return str(self.see(css).get_property("value"))

    def words(self) -> str:
        """Everything the page says."""
        return str(self.run("return document.body.innerText"))

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def language(self) -> str:
        return str(self.run("return document.documentElement.lang"))

    def complaints(self) -> list[str]:
        """What the console said since the last time: script errors, refusals by the policy, missing files."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        ]
