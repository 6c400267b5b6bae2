// Taking a reading by hand, with the same rules as the robot: what looks wrong is explained, then confirmed.
import { html, useState } from "../../vendor/preact-htm.js";
import { day, figure } from "../format.js";
import { forget, send, useSending } from "../outbox.js";
import { useDraft } from "../drafts.js";
import { T } from "../texts.js";
import { Sent } from "../form.js";
import { Button, Fault, Field, FormBody, control } from "../widgets.js";

const fresh = () => ({ key: crypto.randomUUID() });

export function Readings({ call, card }) {
  const accounts = (card?.accounts ?? []).filter(({ meters }) => meters?.length);
  if (!accounts.length || card.identification?.level !== "identified")
    return html`<p class="nothing">${T.readings.none}</p>`;
  return html`<div class="stack loose">
    ${accounts.flatMap((account) =>
      account.meters.map(
        (meter) =>
          html`<${Meter}
            key=${`${account.number}.${meter.id}`}
            call=${call}
            account=${account}
            meter=${meter}
          />`,
      ),
    )}
  </div>`;
}

function Meter({ call, account, meter }) {
  const form = `reading-${meter.id}`;
  const id = `${call}.${form}`;
  const [values, set, reset] = useDraft(call, form, { ...fresh(), zones: {} });
  const [tried, setTried] = useState(false);
  const status = useSending(id);
  const wrong = (zone) => (tried && !/^\d+$/.test(values.zones[zone.id] ?? "") ? T.common.required : null);
  const busy = status.state === "sending" || status.state === "waiting";
  const doubt = status.state === "refused" && status.error.code === "confirm" ? status.error.message : null;
  const fault = status.state === "refused" && !doubt ? status.error.message : null;
  const change =
    (zone) =>
    ({ target }) => {
      if (status.state !== "idle") forget(id);
      setTried(false);
      set({ zones: { ...values.zones, [zone.id]: target.value.replace(/\D/g, "") } });
    };
  const submit = (confirmed) => {
    setTried(true);
    if (meter.zones.some((zone) => !/^\d+$/.test(values.zones[zone.id] ?? ""))) return undefined;
    const readings = meter.zones.map((zone) => ({ zone: zone.id, value: Number(values.zones[zone.id]) }));
    return send({
      id,
      method: "POST",
      path: "/readings",
      body: { call_id: call, account: account.number, meter: meter.id, readings, confirmed, key: values.key },
    });
  };
  if (status.state === "saved") {
    return html`<section class="box">
      <p class="good strong" role="status">✓ ${T.readings.taken}: ${T.card.meter} ${meter.serial}</p>
      <p>${status.answer?.message}</p>
      <div>
        <${Button}
          label=${T.request.another}
          onClick=${() => {
            forget(id);
            reset({ ...fresh(), zones: {} });
            setTried(false);
          }}
        />
      </div>
    </section>`;
  }
  return html`<${FormBody} className="box" go=${() => submit(false)}>
    <h2>${T.card.meter} ${meter.serial}</h2>
    <p class="muted">${T.readings.account} № ${account.number}, ${account.address}</p>
    <fieldset class="plain two" disabled=${busy}>
      ${meter.zones.map(
        (zone) =>
          html`<${Field}
            key=${zone.id}
            name=${`${form}-${zone.id}`}
            label=${`${T.readings.value}: ${zone.name}`}
            error=${wrong(zone)}
            hint=${`${T.readings.last}: ${figure(zone.last)}${zone.last_at ? `, ${day(zone.last_at)}` : ""}`}
          >
            <input
              ...${control(`${form}-${zone.id}`, wrong(zone))}
              inputmode="numeric"
              maxlength=${zone.digits ?? 8}
              autocomplete="off"
              value=${values.zones[zone.id] ?? ""}
              onInput=${change(zone)}
          /></${Field}>`,
      )}
    </fieldset>
    <${Fault} text=${fault} />
    ${
      doubt &&
      html`<div class="box note" role="alert">
        <h3>${T.readings.explained}</h3>
        <p class="words">${doubt}</p>
      </div>`
    }
    <div class="row">
      ${
        doubt
          ? html`<${Button} label=${T.readings.confirm} kind="main" k="save" onClick=${() => submit(true)} />`
          : html`<${Button} label=${T.readings.take} kind="main" type="submit" disabled=${busy} />`
      }<${Sent} status=${status} />
    </div>
  </${FormBody}>`;
}
