// Every parameter that docs/EMBEDDING.md documents for `?embed=1`, in a real sandboxed frame on another origin.
import { expect, test, type FrameLocator, type Page } from "./test";
import { advance, expectPlaying, expectRunning, host, simulated } from "./helpers";
import { server } from "./reader";

/** Opens a page of another origin with one frame, runs `check` in it, and closes the page's server. */
async function inFrame(page: Page, query: string, check: (frame: FrameLocator) => Promise<void>, baseURL?: string) {
  const other = await host(
    `<iframe title="A scene" src="${baseURL}?embed=1${query}" sandbox="allow-scripts" width="1200" height="760" style="border:0"></iframe>`,
  );
  try {
    await page.setViewportSize({ width: 1240, height: 800 });
    await page.goto(other.url);
    const frame = page.frameLocator("iframe");
    await expectRunning(frame);
    await check(frame);
  } finally {
    other.close();
  }
}

const style = (frame: FrameLocator, selector: string, name: string): Promise<string> =>
  frame.locator(selector).evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), name);

/** How light the ground of a frame is, 0 to 255. */
const light = async (frame: FrameLocator): Promise<number> => {
  const parts = (await style(frame, "body", "background-color")).match(/[\d.]+/g) ?? [];
  return parts.slice(0, 3).reduce((sum, part) => sum + Number(part) / 3, 0);
};

/** Red, green and blue of a picture of one pixel. */
const colourOf = (page: Page, png: Buffer): Promise<number[]> =>
  page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = document.createElement("canvas").getContext("2d")!;
    canvas.drawImage(image, 0, 0);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  }, png.toString("base64"));

for (const [theme, system] of [["dark", "light"], ["light", "dark"]] as const) {
  test(`theme=${theme} holds whatever the system prefers`, async ({ page, baseURL }) => {
    await page.emulateMedia({ colorScheme: system });
    await inFrame(page, `&theme=${theme}`, async (frame) => {
      await expect.poll(async () => ((await light(frame)) < 128 ? "dark" : "light")).toBe(theme);
    }, baseURL);
  });
}

const CONTROLS = {
  full: { has: ["slider Traffic", "combobox Algorithm", "radio L4", "switch Active checks", "button Add server", "combobox Speed"], not: [] },
  min: { has: ["combobox Algorithm", "radio L4", "combobox Speed"], not: ["slider Traffic", "switch Active checks", "button Add server"] },
  none: { has: [], not: ["slider Traffic", "combobox Algorithm", "radio L4", "switch Active checks", "button Add server", "combobox Speed"] },
} as const;

for (const [controls, { has, not }] of Object.entries(CONTROLS)) {
  test(`controls=${controls} has what it says, and servers can be killed`, async ({ page, baseURL }) => {
    await inFrame(page, `&controls=${controls}`, async (frame) => {
      const find = (control: string) => {
        const [role, ...name] = control.split(" ");
        return frame.getByRole(role as "button", { name: name.join(" "), exact: true });
      };
      for (const control of has) await expect(find(control), control).toBeVisible();
      for (const control of not) await expect(find(control), control).toHaveCount(0);
      await expect(find("button Pause")).toBeVisible();
      await find("button Kill server B").click();
      await expect(find("button Revive server B")).toBeVisible();
    }, baseURL);
  });
}

test("autoplay=0 stands still until it is told to play", async ({ page, baseURL }) => {
  await inFrame(page, "&autoplay=0", async (frame) => {
    const before = await simulated(frame);
    await advance(frame, 1);
    expect(await simulated(frame)).toBeCloseTo(before + 1, 3);
    await frame.getByRole("button", { name: "Play", exact: true }).click();
    await expectPlaying(frame);
  }, baseURL);
});

test("background=transparent lets the page around show through", async ({ page, baseURL }) => {
  await inFrame(page, "&background=transparent", async (frame) => {
    for (const part of ["html", "body"]) await expect.poll(() => style(frame, part, "background-color")).toBe("rgba(0, 0, 0, 0)");
  }, baseURL);
  await inFrame(page, "", async (frame) => {
    await expect.poll(() => style(frame, "body", "background-color")).not.toBe("rgba(0, 0, 0, 0)");
  }, baseURL);
});

for (const theme of ["light", "dark"] as const) {
  for (const around of ["light", "dark"] as const) {
    test(`a transparent frame with theme=${theme} is transparent in a ${around} page`, async ({ page, baseURL }) => {
      await page.emulateMedia({ colorScheme: around });
      await inFrame(page, `&background=transparent&theme=${theme}`, async (frame) => {
        await page.addStyleTag({ content: `:root { color-scheme: ${around}; background: rgb(200, 0, 60) }` });
        const ink = (await style(frame, "h1", "color")).match(/[\d.]+/g)?.map(Number) ?? [];
        expect(ink.reduce((sum, part) => sum + part, 0) / ink.length < 128 ? "light" : "dark").toBe(theme);
        // The corner of the frame, in which nothing stands.
        // The page around it is painted anew, and then the frame.
        const clip = { x: 10, y: 10, width: 1, height: 1 };
        const corner = async () => colourOf(page, await page.screenshot({ clip }));
        await expect.poll(corner).toEqual([200, 0, 60]);
      }, baseURL);
    });
  }
}

test("title=… is shown as text, whatever is in it", async ({ page, baseURL }) => {
  const title = "Our <b>own</b> outage";
  await inFrame(page, `&title=${encodeURIComponent(title)}`, async (frame) => {
    await expect(frame.getByText(title, { exact: true })).toBeVisible();
    await expect(frame.locator(".title b")).toHaveCount(0);
  }, baseURL);
});

test("lang=es speaks Spanish", async ({ page, baseURL }) => {
  await inFrame(page, "&lang=es", async (frame) => {
    await expect(frame.locator("html")).toHaveAttribute("lang", "es");
    await expect(frame.getByRole("button", { name: /^Matar/ }).first()).toBeVisible();
  }, baseURL);
});

// What only that scene has on its stage.
const SCENES = [
  ["world", "Tokyo"],
  ["rate_limit", "192.0.2.66"],
  ["l4_keepalive", ""],
] as const;
for (const [scene, only] of SCENES) {
  test(`scene=${scene} opens that scene`, async ({ page, baseURL }) => {
    await inFrame(page, `&scene=${scene}`, async (frame) => {
      if (only) await expect(frame.getByText(only).first()).toBeVisible();
      else await expect(frame.getByRole("radio", { name: "L4" })).toBeChecked();
    }, baseURL);
  });
}

test("a scene that is not there is said to be missing, and the first one runs", async ({ page, baseURL }) => {
  await inFrame(page, "&scene=%3Cimg%20src=x%3E", async (frame) => {
    await expectPlaying(frame);
    await expect(server(frame, "A")).toBeVisible();
    await expect(frame.locator("img")).toHaveCount(0);
    await expect(frame.getByRole("alert")).toContainText("<img src=x>");
  }, baseURL);
});

test("chapters/ and embedding/ open without index.html, and without the slash", async ({ page }) => {
  for (const address of ["embedding/", "embedding", "chapters/", "chapters/en/", "chapters/en"]) {
    const answer = await page.goto(`./${address}`);
    expect(answer?.status(), address).toBe(200);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    // The folder of all languages goes on to one of them.
    expect(new URL(page.url()).pathname).toMatch(/\/(index\.html)?$/);
  }
});
