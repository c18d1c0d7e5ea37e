// The faults of the testbed itself.

export type TestbedErrorCode = "answer-damaged" | "camera-off";

export class TestbedError extends Error {
  override readonly name = "TestbedError";
  readonly code: TestbedErrorCode;

  constructor(code: TestbedErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
