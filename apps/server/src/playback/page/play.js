// Plays the recording of this page with the browser's own controls. HLS where media source extensions are there, so
// that a seek fetches one fragment; else the browser plays the playlist or the file itself.
const video = document.querySelector("video");
const state = document.querySelector("#state");
const Hls = globalThis.Hls;

function tell(text) {
  state.textContent = text;
}

const over = "The recording could not be played. This viewing may be over: start it again from the list.";

video.addEventListener("playing", () => {
  tell("");
});

const playlist = video.dataset.playlist;
if (playlist !== undefined && Hls !== undefined && Hls.isSupported()) {
  // No worker: it would be made from a blob, which this page's policy forbids.
  const hls = new Hls({ enableWorker: false, backBufferLength: 30, maxBufferLength: 20 });
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (!data.fatal) return;
    tell(over);
    hls.destroy();
  });
  hls.loadSource(playlist);
  hls.attachMedia(video);
} else {
  video.src = video.dataset.media;
  video.addEventListener("error", () => {
    tell(over);
  });
}
