// Making elements. Text is only ever set as text: whatever a name holds, it is never markup.

// element("button", {class: "x", type: "button", on: {click: f}}, "text", child, ...); null and false are left out.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// The same of SVG.
export function drawing(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.flat(Infinity));
  return made;
}

// A label above a <select>. `options` are [value, text]; `change` gets the value.
export function chooser(label, options, value, change) {
  const select = element("select", { on: { change: () => change(select.value) } });
  for (const [each, text] of options) select.append(element("option", { value: each }, text));
  select.value = value;
  return element("label", { class: "chooser" }, element("span", {}, label), select);
}

// Arrow keys, Home and End move the focus within a group of buttons; one of them is in the order of the Tab key.
export function rove(group, selector) {
  const all = () => [...group.querySelectorAll(selector)];
  const settle = (chosen) => all().forEach((each) => (each.tabIndex = each === chosen ? 0 : -1));
  settle(group.querySelector('[aria-selected="true"]') ?? all()[0]);
  group.addEventListener("focusin", (event) => all().includes(event.target) && settle(event.target));
  group.addEventListener("keydown", (event) => {
    const buttons = all();
    const at = buttons.indexOf(document.activeElement);
    const steps = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: buttons.length - 1,
    };
    if (at < 0 || !(event.key in steps)) return;
    event.preventDefault();
    buttons[(steps[event.key] + buttons.length) % buttons.length].focus();
  });
}

// Copies text and says so on the button for a moment.
export async function copy(text, button) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    const area = element("textarea", { class: "aside" });
    area.value = text;
    document.body.append(area);
    area.select();
    button.textContent = document.execCommand("copy") ? "Copied" : "Could not copy";
    area.remove();
  }
  setTimeout(() => (button.textContent = before), 1500);
}
