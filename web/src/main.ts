// What pages gain from a script; every one of them works without it.
import { suggestions } from "./suggestions";
import { liveFilters } from "./filters";
import { valueFields } from "./values";

const form = document.querySelector<HTMLFormElement>("#sok");
if (form) {
  const input = form.querySelector<HTMLInputElement>("#q");
  if (input && form.dataset.suggest) suggestions(form, input, form.dataset.suggest);
  valueFields();
  liveFilters(form);
}
