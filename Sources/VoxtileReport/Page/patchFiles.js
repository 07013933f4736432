// The files of the patches, as the contact sheet shows them.

import { element, inWords, page } from './base.js';
import { Layer } from './layers.js';
import { patchButton } from './worst.js';

/** Small pictures of the patch files. */
export class PatchFiles {
  /** Loads the pictures; null for a page that has none. */
  static async load(data) {
    const pictures = data.patchPictures;
    return pictures ? new PatchFiles(pictures, await Layer.load(pictures.layer, 'patches', pictures.layer.extent)) : null;
  }

  constructor({ indices, hasWindowOfImage, competingChannels, unread }, layer) {
    Object.assign(this, { layer, competingChannels, unread });
    layer.hasOwnWindow = !hasWindowOfImage;
    this.places = new Map(indices.map((index, place) => [index, place]));
    this.faults = new Map(unread.map(({ index, fault }) => [index, fault]));
    // Labels have the names and colors that they have in the other views.
    const like = layer.styles && page.layers.find(({ styles }) => styles);
    if (like) layer.styles = like.styles;
  }

  /** The picture of a patch's file; null if there is none. */
  picture(index) {
    const place = this.places.get(index);
    return place == null ? null : this.layer.painted(2, place);
  }

  /** What is wrong with the file of a patch; undefined if nothing is. */
  fault(index) { return this.faults.get(index); }

  /** Whether there is nothing to see in the file of a patch. */
  isEmpty(index) {
    const [width, height] = this.layer.extent;
    const place = this.places.get(index);
    return place != null && this.layer.isEmpty([[0, width], [0, height], [place, place + 1]]);
  }

  /** What the pictures show. */
  get words() {
    return this.competingChannels ? `The files have ${this.competingChannels} channels: each ${inWords.element} shows the one with the largest value. ` : '';
  }
}

/** The numbers of patches, the first ones of many. */
const listed = (patches) => patches.slice(0, 12).map(({ index }) => index).join(', ') + (patches.length > 12 ? ' and others' : '');

/** What the verdict says of files that cannot be shown; null if all can. */
export function unreadPatches() {
  const unread = page.patchFiles?.unread ?? [];
  if (!unread.length) return null;
  const [{ index, fault }] = unread;
  const text = unread.length === 1 ? `The file of patch ${index} cannot be shown: ${fault}`
    : `The files of ${inWords.things(unread.length, 'patch')} cannot be shown: ${listed(unread)}. Patch ${index}: ${fault}`;
  return { text, buttons: unread.slice(0, 3).map((one) => patchButton(one.index)) };
}

/** What stands in place of the picture of a file that cannot be shown. */
export const faultNote = (fault) => element('span', { class: 'fault', title: fault }, 'cannot be shown');
