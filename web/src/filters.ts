// A ticked filter is applied at once: the answer is fetched and the lists are replaced in place.
import { typedValues, valueFields } from "./values";

const PARTS = ["filtre", "resultat"];

export function liveFilters(form: HTMLFormElement): void {
  let running: AbortController | undefined;

  form.addEventListener("change", (event) => {
    const field = event.target;
    const filter = field instanceof HTMLInputElement && field.type === "checkbox";
    const picker = field instanceof HTMLSelectElement;
    if (filter || picker) void apply(address(form), field.id, true);
  });

  window.addEventListener("popstate", () => window.location.reload());

  async function apply(url: string, focused: string, push: boolean): Promise<void> {
    running?.abort();
    running = new AbortController();
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { signal: running.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const open = new Map<string, boolean>();
      document.querySelectorAll<HTMLDetailsElement>("details[data-facet]").forEach((d) => open.set(d.dataset.facet ?? "", d.open));
      const typed = typedValues();
      const held = document.activeElement?.id || focused; // the reader may have gone on meanwhile
      for (const id of PARTS) {
        const fresh = page.getElementById(id);
        if (fresh) document.getElementById(id)?.replaceWith(fresh);
      }
      document.querySelectorAll<HTMLDetailsElement>("details[data-facet]").forEach((d) => {
        const was = open.get(d.dataset.facet ?? "");
        if (was !== undefined) d.open = was;
      });
      valueFields(typed);
      const count = document.getElementById("antall"); // stays: it is announced when its text changes
      if (count) count.textContent = page.getElementById("antall")?.textContent ?? "";
      document.title = page.title;
      if (push) history.pushState(null, "", url);
      const again = document.getElementById(held);
      const find = again?.closest(".facet")?.querySelector<HTMLElement>(".facet__find input");
      if (find && again?.closest("li[hidden]")) find.focus({ preventScroll: true }); // unticked, and not what is looked for
      else {
        again?.closest("details")?.setAttribute("open", "");
        again?.focus({ preventScroll: true });
      }
      form.removeAttribute("aria-busy");
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) form.submit();
    }
  }
}

/** The address that the form would go to, without empty fields. */
function address(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value && !(name === "sort" && value === "relevance")) query.append(name, value);
  }
  const text = query.toString();
  return form.getAttribute("action") + (text ? `?${text}` : "");
}
