// Autocomplete as an ARIA combobox (APG "editable combobox with list autocomplete").

interface Suggestion {
  kind: "concept" | "resource" | "role";
  id: string;
  label: string;
  detail: string;
}

const WAIT = 120; // ms after the last key

export function suggestions(form: HTMLFormElement, input: HTMLInputElement, source: string): void {
  const list = document.createElement("ul");
  list.id = "forslag";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.querySelector(`label[for="${input.id}"]`)?.textContent ?? "");
  list.hidden = true;
  input.parentElement?.after(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  let found: Suggestion[] = [];
  let active = -1;
  let timer: number | undefined;
  let running: AbortController | undefined;

  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), WAIT);
  });
  input.addEventListener("blur", () => close());
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const places = found.length + 1; // one of them is the field itself
      mark(((active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });

  async function look(): Promise<void> {
    running?.abort();
    const text = input.value.trim();
    if (text.length < 2) return close();
    running = new AbortController();
    const query = new URLSearchParams({ q: text, lang: document.documentElement.lang });
    const edition = new FormData(form).get("edition");
    if (typeof edition === "string" && edition) query.set("edition", edition);
    try {
      const answer = await fetch(`${source}?${query}`, { signal: running.signal });
      if (!answer.ok) return close();
      found = ((await answer.json()) as { suggestions: Suggestion[] }).suggestions;
      if (document.activeElement === input) show();
    } catch {
      // a newer question is on its way, or the network is away: no suggestions
    }
  }

  function show(): void {
    list.replaceChildren(
      ...found.map((s, i) => {
        const item = document.createElement("li");
        item.id = `forslag-${i}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        const label = document.createElement("span");
        label.textContent = s.label;
        item.append(label);
        if (s.detail) {
          const detail = document.createElement("span");
          detail.className = "suggestions__detail";
          detail.textContent = s.detail;
          item.append(" ", detail);
        }
        item.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the field
        item.addEventListener("click", () => choose(i));
        return item;
      }),
    );
    active = -1;
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  }

  function mark(place: number): void {
    active = place;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === place)));
    if (place >= 0) {
      input.setAttribute("aria-activedescendant", `forslag-${place}`);
      list.children[place]?.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function choose(place: number): void {
    const chosen = found[place];
    if (!chosen) return;
    close();
    const lang = new FormData(form).get("lang");
    const tail = typeof lang === "string" && lang ? `?lang=${lang}` : "";
    if (chosen.kind === "resource") window.location.assign(`/ressurs/${encodeURIComponent(chosen.id)}${tail}`);
    else if (chosen.kind === "role") window.location.assign(`/rolle/${encodeURIComponent(chosen.id)}${tail}`);
    else {
      input.value = chosen.label;
      form.requestSubmit();
    }
  }

  function close(): void {
    window.clearTimeout(timer);
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
}
