import Voxtile

/// Predicts exactly as another system does: its placement of patches, its padding, its window and its order.
///
/// A network is trained with the habits of one system and often evaluated with its sliding window; small
/// differences of the window then look like differences of the network. A mode gives the grid and the weights
/// of such a system, checked against values that the system itself computed.
///
///     let mode = Compatibility.nnUNet
///     let grid = try mode.grid(over: scan.extent, patch: Extent(128))
///     let weights = try mode.weights(for: grid)
///
/// | mode | placement | window | image smaller than the patch |
/// |---|---|---|---|
/// | ``monai`` | regular, the last patch shifted | Gaussian, cut off at 1e-3 from below | zeros around it |
/// | ``monaiConstant`` | as `monai` | none | zeros around it |
/// | ``nnUNet`` | spread evenly | Gaussian in half precision | zeros around it |
/// | ``nnUNetHalf`` | as `nnunet` | the same, with sums of half precision | zeros around it |
/// | ``torchIOCrop`` | regular, the last patch shifted | half the overlap cut off, the last patch counts | error |
/// | ``torchIOAverage`` | as `torchio-crop` | none | error |
/// | ``torchIOHann`` | as `torchio-crop` | Hann | error |
/// | ``patchly`` | spread by whole voxels | Gaussian on a stretched axis | error |
/// | ``tutorial`` | regular, incomplete patches discarded | none | error |
///
/// For anything new prefer the plain `PatchGrid` with `Blend.gaussian`: no mode here is better, they are
/// other people's choices.
@nonexhaustive
public enum Compatibility: String, CaseIterable, Hashable, Sendable {
  /// MONAI's `sliding_window_inference` with `mode="gaussian"`.
  case monai
  /// MONAI's `sliding_window_inference` with `mode="constant"`, its default.
  case monaiConstant = "monai-constant"
  /// The sliding window of nnU-Net version 2.
  case nnUNet = "nnunet"
  /// The same, with nnU-Net's sums of half precision: for those who have to reproduce its labels.
  case nnUNetHalf = "nnunet-half"
  /// TorchIO 1's `GridSampler` and `GridAggregator` with `overlap_mode="crop"`, its default.
  case torchIOCrop = "torchio-crop"
  /// TorchIO 1's `GridAggregator` with `overlap_mode="average"`.
  case torchIOAverage = "torchio-average"
  /// TorchIO 1's `GridAggregator` with `overlap_mode="hann"`.
  case torchIOHann = "torchio-hann"
  /// Patchly's `GridSampler` in its default mode, squeeze, and its `Aggregator` with `weights="gaussian"`.
  case patchly
  /// The plain loop of the tutorials: what does not fit is left out, what overlaps is averaged.
  case tutorial

  /// The unit in which a system takes its overlap.
  public enum OverlapUnit: String, Hashable, Sendable {
    /// A part of the patch.
    case fraction
    /// Voxels.
    case voxels
  }

  /// The unit in which the system takes the overlap; ``grid(over:patch:overlap:)-(_,_,Overlap)`` takes both.
  public var overlapUnit: OverlapUnit {
    switch self {
    case .monai, .monaiConstant, .nnUNet, .nnUNetHalf: .fraction
    case .torchIOCrop, .torchIOAverage, .torchIOHann, .patchly, .tutorial: .voxels
    }
  }

  /// The overlap that the system uses where its user names none.
  public var defaultOverlap: Overlap {
    switch self {
    case .monai, .monaiConstant: .fraction(0.25)
    case .nnUNet, .nnUNetHalf: .fraction(0.5)
    case .torchIOCrop, .torchIOAverage, .torchIOHann, .patchly: .voxels(0)
    case .tutorial: .voxels(4)
    }
  }

  /// How the system makes voxels outside an image that is smaller than the patch. Modes that refuse such an
  /// image never need it.
  public var padding: Padding { .constant(0) }

  /// Whether the system pads an image that is smaller than the patch; the others refuse it.
  public var padsSmallImages: Bool {
    switch self {
    case .monai, .monaiConstant, .nnUNet, .nnUNetHalf: true
    case .torchIOCrop, .torchIOAverage, .torchIOHann, .patchly, .tutorial: false
    }
  }

  /// The order in which the system visits the patches, for the axes as it usually reads them.
  ///
  /// - Parameter extent: the size of the image.
  public func order(over extent: Extent) -> PatchOrder {
    switch self {
    // The last array axis runs fastest. MONAI and TorchIO keep a NIfTI file's axes (x, y, z), nnU-Net
    // turns them around.
    case .monai, .monaiConstant, .torchIOCrop, .torchIOAverage, .torchIOHann: .zFastest
    case .nnUNet, .nnUNetHalf, .patchly: .xFastest
    case .tutorial: extent.isPlanar ? .xFastest : .zFastest
    }
  }
}

extension Compatibility: LosslessStringConvertible {
  /// The name on the command line.
  public var description: String { rawValue }

  /// The mode of that name, or `nil`.
  public init?(_ description: String) { self.init(rawValue: description) }
}
