// The dock: finds cameras, sets their clocks, and brings their journals and footage to the server.
export {
  type DockKey,
  type RequestToSign,
  type SigningSession,
  readDockKey,
  signRequest,
} from "./sign-request.ts";
