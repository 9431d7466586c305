export function fingerprint(): string;
export function builtFingerprint(): string | undefined;
export function buildKernels(): Promise<{ bytes: Buffer; compiled: boolean }>;
