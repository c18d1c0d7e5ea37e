// Who asks: a process of its own, so that its time is not the server's.
import { answerCalls } from "../harness/child.ts";
import { loadRanges, type RangeLoad, type RangeTarget } from "./range-client.ts";

answerCalls({
  load: (given) => {
    const { target, load } = given as { readonly target: RangeTarget; readonly load: RangeLoad };
    return loadRanges(target, load);
  },
  close: () => Promise.resolve(),
});
