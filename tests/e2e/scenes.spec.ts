// The list of all scenes: a picture of each, what to watch, and one press to open it.
import { expect, test } from "./test";
import { expectAccessible, expectQuiet, openPage, unfold } from "./helpers";

test("every scene is listed with a picture and what to watch, and opens with one press @both", async ({ page }) => {
  const watched = await openPage(page);
  const names = await page.getByRole("combobox", { name: "Scene" }).locator("optgroup option").allInnerTexts();
  await unfold(page);
  await page.getByRole("button", { name: "Scenes", exact: true }).click();
  const list = page.getByRole("dialog", { name: "Scenes" });
  const scenes = list.getByRole("listitem");
  await expect(scenes).toHaveCount(names.length);
  for (const [place, name] of names.entries()) {
    const scene = scenes.nth(place);
    await expect(scene).toContainText(name);
    expect((await scene.locator("span").innerText()).length).toBeGreaterThan(20);
    await scene.scrollIntoViewIfNeeded();
    const wide = (): Promise<number> => scene.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth);
    await expect.poll(wide).toBeGreaterThan(0);
  }
  await expectAccessible(page);
  await scenes.filter({ hasText: "Direct server return" }).getByRole("button").click();
  await expect(list).toBeHidden();
  await expect(page.getByRole("combobox", { name: "Scene" }).locator("option:checked")).toHaveText("Direct server return (DSR)");
  expectQuiet(watched);
});
