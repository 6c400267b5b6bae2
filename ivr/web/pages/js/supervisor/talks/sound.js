// A sound that is played: where it stands, how fast, and why it can't be heard. Nothing is loaded before somebody
// wants to hear it, for each hearing is put down.
import { useEffect, useRef, useState } from "../../../vendor/preact-htm.js";
import { T } from "../../texts.js";

const STEP_MS = 100;
const clamp = (value, most) => Math.min(Math.max(0, value), most);

/** What the server says to it, in words; empty where it would answer. */
async function whyNot(src) {
  try {
    const answer = await fetch(src, { headers: { Range: "bytes=0-0" }, cache: "no-store" });
    return answer.ok ? "" : ((await answer.json())?.error?.message ?? "");
  } catch {
    return T.faults.network;
  }
}

/** {ref, at, playing, fault, toggle, seek, speed, volume}: `ref` belongs on an audio element without controls. */
export function useSound(src, seconds, faultText) {
  const ref = useRef(null);
  const [shown, setShown] = useState({ at: 0, playing: false, fault: "" });
  const show = (patch) => setShown((had) => ({ ...had, ...patch }));

  useEffect(() => {
    const audio = ref.current;
    const on = {
      play: () => show({ playing: true, fault: "" }),
      pause: () => show({ playing: false, at: audio.currentTime }),
      ended: () => show({ playing: false }),
      seeked: () => show({ at: audio.currentTime }),
      error: async () => {
        if (!audio.getAttribute("src")) return;
        show({ playing: false, fault: (await whyNot(src)) || faultText });
      },
    };
    for (const [type, handler] of Object.entries(on)) audio.addEventListener(type, handler);
    const timer = setInterval(() => {
      if (!audio.paused) show({ at: audio.currentTime });
    }, STEP_MS);
    return () => {
      clearInterval(timer);
      for (const [type, handler] of Object.entries(on)) audio.removeEventListener(type, handler);
      audio.pause();
      audio.removeAttribute("src");
      audio.load(); // lets the connection go
    };
  }, [src]);

  const play = () => {
    const audio = ref.current;
    if (audio.error) audio.load();
    return audio.play().catch(() => {});
  };
  return {
    ref,
    ...shown,
    play,
    toggle: () => (ref.current.paused ? play() : ref.current.pause()),
    seek: (at) => {
      const place = clamp(at, seconds);
      ref.current.currentTime = place;
      show({ at: place });
    },
    setSpeed: (rate) => {
      ref.current.defaultPlaybackRate = rate;
      ref.current.playbackRate = rate;
    },
    setVolume: (volume) => {
      ref.current.volume = volume;
    },
  };
}
