export function fingerprint(): string;
export function builtFingerprint(): string | undefined;
export function buildKernels(): Promise<{ bytes: Buffer; compiled: boolean }>;
export function textFromBytes(bytes: Uint8Array): string;
export function bytesFromText(text: string): Buffer;
