extension Compatibility {
  /// What the mode reproduces, in one line.
  public var summary: String {
    switch self {
    case .monai: "MONAI sliding_window_inference, mode gaussian"
    case .monaiConstant: "MONAI sliding_window_inference, mode constant (its default)"
    case .nnUNet: "nnU-Net 2 sliding window with its Gaussian"
    case .nnUNetHalf: "nnU-Net 2 sliding window with its sums of half precision, to reproduce its labels"
    case .torchIOCrop: "TorchIO 1 GridSampler and GridAggregator, mode crop (its default)"
    case .torchIOAverage: "TorchIO 1 GridSampler and GridAggregator, mode average"
    case .torchIOHann: "TorchIO 1 GridSampler and GridAggregator, mode hann"
    case .patchly: "Patchly, squeezed patches and Gaussian weights"
    case .tutorial: "the tutorials' loop: incomplete patches discarded, plain average"
    }
  }

  /// What the mode leaves to the caller, or does on purpose not as the system does; one sentence each.
  public var notes: [String] {
    switch self {
    case .monai, .monaiConstant:
      [
        "MONAI up to 1.0.0 used another Gaussian.",
        "An overlap in voxels is taken as it is, where MONAI rounds a fraction of the patch.",
        "A patch size of 0 along an axis means the whole axis, as in MONAI.",
      ]
    case .nnUNet:
      [
        "nnU-Net sums in float16, here sums are float32: results differ by its rounding, and in the corners of a "
          + "volume, where a weight is the least that float16 has, by up to half a unit.",
        "The overlap is 1 - tile_step_size, and the smallest that neighbors share.",
        "A patch one voxel thick is nnU-Net's 2D configuration: every slice is predicted.",
        "Mirroring and the resampling before and after are not part of the mode.",
      ]
    case .nnUNetHalf:
      [
        "It is slower than 'nnunet', and its results are worse where few patches cover a voxel: use it to reproduce what nnU-Net gives "
          + "on the CPU.",
        "Sums, weights, means and what comes back from other voxels are rounded to float16, each network of several by itself.",
        "A scan whose axes are in another order than the network's takes as many times the memory of the sums as patches cover a voxel.",
        "Disagreement of several networks and predictions that are kept are not possible.",
        "The overlap is 1 - tile_step_size, and the smallest that neighbors share.",
      ]
    case .torchIOCrop:
      [
        "The overlap is even.",
        "The volume is not padded, as with padding_mode=None.",
      ]
    case .torchIOAverage, .torchIOHann:
      [
        "The overlap is even.",
        "The volume is not padded, as with padding_mode=None.",
        "TorchIO sums an average in the type of the patches; here sums are float32.",
      ]
    case .patchly:
      ["Patchly takes a step; the overlap is the patch minus that step."]
    case .tutorial:
      ["Voxels after the last complete patch are not predicted."]
    }
  }
}
