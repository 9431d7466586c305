import { cat } from "../../creation.js";
import { DTypeError, describe, OptionError, ShapeError, shapeText } from "../../errors.js";
import { checkTensor, noGrad, type Tensor } from "../../tensor.js";

/** All parameters flattened one after the other into one vector; differentiable. */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  if (typeof parameters?.[Symbol.iterator] !== "function") {
    throw new OptionError(
      `parametersToVector: expected an array of parameters such as net.parameters(), got ${describe(parameters)}`,
    );
  }
  const all = [...parameters];
  if (all.length === 0) throw new OptionError("parametersToVector: expected at least one parameter, got none");
  return cat(
    all.map((x) => {
      checkTensor("parametersToVector", x);
      return x.reshape([-1]);
    }),
  );
}

/**
 * The reverse of {@link parametersToVector}: copies a vector's numbers into the parameters, without recording.
 *
 * @throws ShapeError unless the vector has as many elements as the parameters together; nothing is changed then
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  checkTensor("vectorToParameters", vector);
  const all = [...parameters];
  for (const x of all) {
    checkTensor("vectorToParameters", x);
    if (x.dtype === vector.dtype) continue;
    throw new DTypeError(
      `vectorToParameters: expected dtype ${x.dtype}, got ${describe(vector.dtype)}. Convert with .to("${x.dtype}")`,
    );
  }
  const size = all.reduce((total, x) => total + x.numel(), 0);
  if (vector.ndim !== 1 || vector.numel() !== size) {
    throw new ShapeError(`vectorToParameters: expected a vector of shape [${size}], got ${shapeText(vector.shape)}`);
  }
  noGrad(() => {
    let start = 0;
    for (const x of all) {
      x.copy_(
        vector
          .detach()
          .slice(0, start, start + x.numel())
          .reshape(x.shape),
      );
      start += x.numel();
    }
  });
}
