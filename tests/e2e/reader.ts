// What a reader does and reads, by role and name.
import { expect, type FrameLocator, type Locator, type Page } from "@playwright/test";
import { reach } from "./helpers";

type Place = Page | FrameLocator;

/** The card of a server. */
export const server = (page: Place, name: string): Locator =>
  page.getByRole("group", { name: `Server ${name}`, exact: true });

const table = (page: Place): Locator => page.getByRole("table", { name: "Distribution" });

/** What stands in a column of the table `Distribution` for a server. */
export async function cell(page: Place, name: string, column: string): Promise<string> {
  const headers = await table(page).getByRole("columnheader").allInnerTexts();
  const place = headers.findIndex((text) => text.trim().toLowerCase() === column.toLowerCase());
  expect(place, `there is a column ${column} in ${headers}`).toBeGreaterThanOrEqual(0);
  const row = table(page).getByRole("row").filter({
    has: (page as Page).getByRole("rowheader", { name: `Server ${name}`, exact: true }),
  });
  // The row header is a cell of the first column.
  return (await row.locator("th, td").nth(place).innerText()).trim();
}

/** The same as a number: `1,234`, `60.2 %`. */
export async function number(page: Place, name: string, column: string): Promise<number> {
  return Number((await cell(page, name, column)).replace(/[,%\s]/g, ""));
}

/** Waits until the balancer believes one of these things of a server. */
export async function expectState(page: Place, name: string, state: RegExp): Promise<void> {
  await expect.poll(() => cell(page, name, "State"), { timeout: 20_000 }).toMatch(state);
}

export const setSpeed = (page: Place, label: string): Promise<unknown> =>
  page.getByRole("combobox", { name: "Speed" }).selectOption({ label });

export const choose = (page: Place, algorithm: string): Promise<unknown> =>
  page.getByRole("combobox", { name: "Algorithm" }).selectOption({ label: algorithm });

/** Presses a control that may be a menu item of a server. */
export async function more(page: Place, name: string, item: string): Promise<void> {
  await page.getByRole("button", { name: `More for server ${name}` }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

export async function setWeight(page: Place, name: string, weight: number): Promise<void> {
  const field = page.getByRole("spinbutton", { name: `Weight of server ${name}` });
  if ("goto" in page) await reach(page, field);
  await field.fill(String(weight));
  await field.press("Enter");
}

/** All requests that the servers' rows say were answered. */
export async function answered(page: Place, names: string[]): Promise<number> {
  let sum = 0;
  for (const name of names) sum += await number(page, name, "Answered");
  return sum;
}
