// What can be looked for.
import { html } from "../../../vendor/preact-htm.js";
import { listed } from "../../format.js";
import { Button, Field, FormBody, Options, Suggested, control } from "../../widgets.js";
import { R } from "../texts-talks.js";

function Text({ name, search, ...rest }) {
  const { fields, errors, change } = search;
  return html`<${Field} name=${name} label=${R.form[name]}
    ><input
      ...${control(name, errors[name])}
      type="text"
      autocomplete="off"
      value=${fields[name]}
      onInput=${({ target }) => change({ [name]: target.value })}
      ...${rest}
  /></${Field}>`;
}

const When = ({ name, label, search: { fields, errors, change } }) =>
  html`<${Field} name=${name} label=${label}
    ><input
      ...${control(name, errors[name])}
      type="datetime-local"
      value=${fields[name]}
      max="2100-01-01T00:00"
      onChange=${({ target }) => change({ [name]: target.value })}
  /></${Field}>`;

const Pick = ({ name, titles, search: { fields, change } }) =>
  html`<${Field} name=${name} label=${R.form[name]}
    ><select ...${control(name)} onChange=${({ target }) => change({ [name]: target.value })}>
      <${Options} options=${byTitle(titles)} value=${fields[name]} none=${R.form.all} /></select
  ></${Field}>`;

const byTitle = (titles) => listed(titles).sort((one, other) => one.title.localeCompare(other.title, "ru"));

export function SearchForm({ search, words }) {
  const { fields, change, go, clear, busy } = search;
  return html`<${FormBody} go=${go} className="talks-form"
    ><fieldset class="plain" role="search" aria-label=${R.form.label}>
    <${When} name="from" label=${R.form.since} search=${search} />
    <${When} name="to" label=${R.form.until} search=${search} />
    <${Text}
      name="number"
      search=${search}
      inputmode="tel"
      maxlength="32"
      title=${R.form.numberHint}
      placeholder=${R.form.numberShort}
    />
    <${Text} name="account" search=${search} inputmode="numeric" maxlength="40" />
    <${Pick} name="agent" titles=${words.agents} search=${search} />
    <${Suggested}
      name="topic"
      label=${R.form.topic}
      options=${byTitle(words.topics)}
      value=${fields.topic}
      onChange=${(topic) => change({ topic })}
    />
    <${Text} name="request" search=${search} maxlength="32" />
    <${Pick} name="line" titles=${words.lines} search=${search} />
    ${words.texts && html`<${Text} name="text" search=${search} maxlength="200" />`}
    <label class="check"
      ><input
        type="checkbox"
        name="held"
        checked=${Boolean(fields.held)}
        onChange=${({ target }) => change({ held: target.checked ? "true" : "" })}
      />${R.form.held}</label
    >
    <div class="row talks-go">
      <${Button} label=${R.form.go} kind="main" type="submit" disabled=${busy} />
      <${Button} label=${R.form.clear} onClick=${clear} />
    </div>
  </fieldset></${FormBody}>`;
}
