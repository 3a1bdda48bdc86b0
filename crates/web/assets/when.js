// Times in forms: the server says and reads UTC, people see and type the time of their own zone.

const pad = (number) => String(number).padStart(2, "0");

function local(moment) {
  const day = [moment.getFullYear(), pad(moment.getMonth() + 1), pad(moment.getDate())].join("-");
  return `${day}T${pad(moment.getHours())}:${pad(moment.getMinutes())}`;
}

/** Turns the times of these forms into the reader's own. */
export function ownTimes(root) {
  for (const input of root.querySelectorAll("input[data-when]")) {
    const moment = new Date(`${input.value}Z`);
    if (!Number.isNaN(moment.getTime())) input.value = local(moment);
    const zone = input.labels[0]?.querySelector("[data-zone]");
    if (zone) zone.textContent = `(${Intl.DateTimeFormat().resolvedOptions().timeZone})`;
    const form = input.form;
    if (form.dataset.ownTimes) continue;
    form.dataset.ownTimes = "1";
    form.addEventListener("formdata", (event) => {
      for (const one of form.querySelectorAll("input[data-when]")) {
        const typed = new Date(one.value);
        if (!Number.isNaN(typed.getTime())) event.formData.set(one.name, typed.toISOString().slice(0, 16));
      }
    });
  }
}
