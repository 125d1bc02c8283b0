// A long facet has a field that narrows its values as one types. The same rules as the API's `facet_contains`:
// what contains the text, the ticked, and the ancestors of both stay.

const WAIT = 400; // ms after the last key, so that the count is announced once and not with every letter
const LETTERS: Record<string, string> = { ö: "ø", ä: "æ", ð: "d", þ: "th", ß: "ss", đ: "d", ŋ: "n", ŧ: "t" };

/** Bring the fields to life; `typed` holds what stood in them (by id) before the list was replaced. */
export function valueFields(typed?: Map<string, string>): void {
  document.querySelectorAll<HTMLElement>(".facet__find").forEach((place) => {
    const facet = place.closest<HTMLDetailsElement>("details.facet");
    const field = place.querySelector("input");
    const status = place.querySelector<HTMLElement>("[role=status]");
    if (!facet || !field || !status) return;
    const inner = [...facet.querySelectorAll("details")].map((details) => ({ details, open: details.open }));
    let timer: number | undefined;

    field.addEventListener("input", () => {
      const found = narrow(facet, inner, field.value);
      window.clearTimeout(timer);
      timer = window.setTimeout(() => (status.textContent = message(place.dataset, found)), WAIT);
    });
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter") event.preventDefault(); // would send the whole form
      else if (event.key === "Escape" && field.value) {
        event.preventDefault();
        field.value = "";
        field.dispatchEvent(new Event("input"));
      }
    });
    place.hidden = false;
    field.value = typed?.get(field.id) ?? "";
    if (field.value) status.textContent = message(place.dataset, narrow(facet, inner, field.value));
  });
}

/** What stands in the fields, by id. */
export function typedValues(): Map<string, string> {
  const fields = document.querySelectorAll<HTMLInputElement>(".facet__find input");
  return new Map([...fields].map((field) => [field.id, field.value]));
}

/** Hide the values that do not fit; return how many contain the text, or undefined without a text. */
function narrow(facet: HTMLElement, inner: { details: HTMLDetailsElement; open: boolean }[], written: string): number | undefined {
  const text = fold(written.trim());
  const items = [...facet.querySelectorAll("li")];
  const shown = new Set<Element>();
  let found = 0;
  for (const item of items) {
    const box = item.querySelector<HTMLInputElement>("input[type=checkbox]"); // the item's own stands before those below it
    const fits = fold(item.querySelector("label")?.firstChild?.textContent ?? "").includes(text); // without the count
    if (fits) found += 1;
    if (!fits && !box?.checked) continue;
    for (let up: Element | null | undefined = item; up; up = up.parentElement?.closest("li")) shown.add(up);
  }
  for (const item of items) item.hidden = !shown.has(item);
  facet.toggleAttribute("data-narrowed", text !== "");
  for (const { details, open } of inner) details.open = text ? details.querySelector("li:not([hidden])") !== null : open;
  return text ? found : undefined;
}

function message(words: DOMStringMap, found: number | undefined): string {
  if (found === undefined) return "";
  return ((found === 0 ? words.none : found === 1 ? words.one : words.many) ?? "").replace("{n}", String(found));
}

/** Lower case without accents other than those of æ, ø and å, as the search itself folds. */
function fold(text: string): string {
  const lower = text.normalize("NFKC").toLowerCase();
  return lower.replace(/[^\u0000-\u007fæøå]/gu, (c) => LETTERS[c] ?? c.normalize("NFD").replace(/\p{M}/gu, ""));
}
