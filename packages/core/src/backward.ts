/**
 * The backward pass: visits nodes in the reverse order of their creation. No recursion, so a graph of a million steps is no deeper for it
 * than one of ten.
 *
 * @module
 */
import type { NdArray } from "./array.js";
import type { EndNode, Node } from "./tape.js";

let nextPass = 0;

/**
 * Nodes on their way through a backward pass: latest first, so that whatever a node's gradient is made of has been there before. A
 * node's place is its distance from the root in the order of creation, which sorts without comparing; places in between may stay empty.
 * The ends of edges, which are as old as the model, come last.
 */
class Pass {
  readonly places: (Node | null)[];
  readonly ends: EndNode[] = [];
  private readonly number = ++nextPass;
  private found = 1;

  constructor(private readonly root: Node) {
    this.places = [root];
  }

  /** Makes room for the parents of a node; false when they are so far apart that sorting is better. */
  follow(node: Node): boolean {
    const { parents } = node;
    const { places, root } = this;
    for (let p = 0; p < parents.length; p++) {
      const parent = parents[p];
      if (!parent) continue;
      if (parent.isEnd) {
        const end = parent as EndNode;
        if (end.seenIn !== this.number) this.ends.push(end);
        end.seenIn = this.number;
        continue;
      }
      const place = root.id - parent.id;
      if (place >= places.length) {
        // A graph that was recorded over a long time, with many others in between.
        if (place > 8 * this.found + 4096) return false;
        while (places.length < place) places.push(null);
        places.push(parent);
      } else if (places[place]) continue;
      else places[place] = parent;
      this.found++;
    }
    return true;
  }

  /** Puts everything that the nodes from place `at` on depend on behind them. */
  sort(at: number): void {
    const { places, ends } = this;
    const rest = new Set<Node>();
    for (let i = at; i < places.length; i++) if (places[i]) rest.add(places[i] as Node);
    const known = new Set<Node>(ends);
    for (const { parents } of rest) {
      for (const parent of parents) {
        if (!parent) continue;
        if (!parent.isEnd) rest.add(parent);
        else if (!known.has(parent)) ends.push(parent as EndNode);
        if (parent.isEnd) known.add(parent);
      }
    }
    places.length = at;
    for (const node of [...rest].sort((a, b) => b.id - a.id)) places.push(node);
  }
}

/** Propagates `g` from `root` to every leaf it depends on. */
export function runBackward(root: Node, g: NdArray, retainGraph: boolean): void {
  const pass = new Pass(root);
  const { places, ends } = pass;
  let at = 0;
  let sorted = false;
  try {
    root.receive(g, false);
    for (; at < places.length; at++) {
      const node = places[at];
      if (!node) continue;
      if (!sorted && !pass.follow(node)) {
        sorted = true;
        pass.sort(at);
      }
      if (node.arrived) {
        if (node.holder !== null) node.deliver();
        node.propagate();
        node.clear();
      }
      if (!retainGraph) node.release();
    }
    for (let i = 0; i < ends.length; i++) {
      const end = ends[i] as EndNode;
      if (!end.arrived) continue;
      end.deliver();
      end.propagate();
    }
  } finally {
    for (; at < places.length; at++) places[at]?.clear();
    for (let i = 0; i < ends.length; i++) ends[i]?.clear();
  }
}
