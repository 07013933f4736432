/// Another system whose probabilities random patches have. Its random numbers are not reproduced.
public enum SamplingConvention: String, CaseIterable, Hashable, Sendable {
  /// MONAI: foreground and background in equal parts (`RandCropByPosNegLabel`), or labels in a ratio
  /// (`RandCropByLabelClasses`); the voxel is in the middle, as far as the border allows.
  case monai
  /// TorchIO's `LabelSampler`: any foreground, or labels in a ratio; the voxel is exactly in the middle, and voxels near the
  /// border are never drawn.
  case torchio
  /// nnU-Net's loader with batches of two: every other patch holds a voxel of a foreground label, each label as likely as the
  /// others, and may reach outside at the end; the others start anywhere.
  case nnunet

  /// Which samples of a batch nnU-Net makes hold foreground.
  ///
  /// - Parameters:
  ///   - batchSize: how many samples a batch has.
  ///   - share: how many should hold foreground; nnU-Net's own is a third, 0.33.
  static func foregroundSamples(batchSize: Int, share: Share) -> [Bool] {
    // Rounded to nearest, halves to even, as Python's `round` does.
    let product = batchSize * (1_000_000 - share.millionths)
    var first = (product + 500_000) / 1_000_000
    if product % 1_000_000 == 500_000, !first.isMultiple(of: 2) { first -= 1 }
    return (0..<batchSize).map { $0 >= first }
  }

  /// Where nnU-Net's patches may start along an axis, and how a voxel is held.
  struct NnUNetAxis: Sendable {
    let lowest: Int
    let highest: Int
    private let patch: Int

    /// - Parameter missing: by how much the loader's patch is larger than the network's.
    init(length: Int, patch: Int, missing: Int = 0) {
      let padding = max(missing, patch - length)
      lowest = -((padding + 1) / 2)
      highest = length + padding / 2 + padding % 2 - patch
      self.patch = patch
    }

    /// The start of a patch with a voxel near its middle. Only the lower end is kept to.
    func start(holding voxel: Int) -> Int { max(lowest, voxel - patch / 2) }
  }
}
