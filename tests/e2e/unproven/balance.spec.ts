import { expect, test, type Page } from "@playwright/test";
import { expectQuiet, openPage } from "../helpers";
import { answered, cell, choose, more, number, setSpeed, setWeight } from "../reader";

test("the layer changes where the keep-alive client's requests go", async ({ page }) => {
  await openPage(page);
  await setSpeed(page, "10×");
  const spread = async () => new Set(await wentTo(page, "192.0.2.55")).size;
  await expect.poll(spread, { timeout: 20_000 }).toBeGreaterThan(2);
  await page.getByRole("radio", { name: "L4" }).check();
  await expect.poll(spread, { timeout: 20_000 }).toBe(1);
  await page.getByRole("radio", { name: "L7" }).check();
  await expect.poll(spread, { timeout: 20_000 }).toBeGreaterThan(2);
});
