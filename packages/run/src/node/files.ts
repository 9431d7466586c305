/**
 * Files that are there as a whole or not at all, and errors that say which file it was.
 *
 * @module
 */
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { RunFileError } from "../errors.js";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is no directory",
  ENOSPC: "the disk is full",
  ENAMETOOLONG: "its name is too long",
};

/** Passes errors of the system on in words; others as they are. */
function explained(path: string, doing: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) return error;
  return new RunFileError(`${path} cannot be ${doing}: ${reasons[code] ?? (error as Error).message}`, { cause: error });
}

/** @throws RunFileError saying why the file cannot be read */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw explained(path, "read", error);
  }
}

/**
 * Writes to a temporary file beside it and renames it: whoever reads sees the old content or the new, also after a power cut.
 *
 * @throws RunFileError saying why the file cannot be written; what was there before is there still
 */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw explained(path, "written", error);
  }
}

/** Adds to the end of a file. @throws RunFileError saying why it cannot be written */
export async function appendText(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, "a");
    try {
      await file.appendFile(text);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw explained(path, "written", error);
  }
}

export async function kindOf(path: string): Promise<"file" | "directory" | "nothing"> {
  try {
    return (await stat(path)).isDirectory() ? "directory" : "file";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "nothing";
    throw explained(path, "read", error);
  }
}
