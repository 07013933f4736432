import Voxtile

/// The size of voxels that a scan gets before a network sees it. What is predicted comes back to the voxels of the scan.
///
///     var settings = InferenceSettings()
///     settings.resampling = ScanResampling(to: PerAxis(1.5))
///
/// The scan is resampled while it is read. The merged values of the network are resampled back plane by plane, before they become
/// labels: a label is that of the largest of the resampled values.
///
/// With `ResamplingConvention.nnunet` and `ResamplingConvention.nnunetTorch` the scan is cut to its foreground, normalized and
/// then resampled, as nnU-Net does it; with the others it is resampled first.
public struct ScanResampling: Hashable, Sendable {
  /// The size of a voxel in mm, along the axes of the model's image.
  public var spacing: PerAxis<Double>
  /// The system whose rules hold.
  public var convention: ResamplingConvention
  /// How values of the scan between voxels are made; `nil` for what the system usually does. What is predicted comes back with
  /// `Interpolation.linear`.
  public var interpolation: Interpolation?
  /// Whether slices along the axis of the largest voxels are not interpolated; `nil` for nnU-Net's rule.
  public var separatesSlices: Bool?
  /// How what is predicted comes back, where that is not as the scan is resampled.
  package var back: Back?
  /// What happens to the intensities of each channel before, where that is not one normalization for all of them.
  package var schemes: [ChannelScheme]?
  /// Whether the network asks for it itself, so that a person should hear of it.
  public var isAskedByNetwork = false

  /// Whose rules hold on the way back.
  package struct Back: Hashable, Sendable {
    /// The system.
    package var convention: ResamplingConvention
    /// Whether slices along the axis of the largest voxels are not interpolated; `nil` for nnU-Net's rule.
    package var separatesSlices: Bool?
  }

  /// Creates a rule.
  ///
  /// - Parameters:
  ///   - spacing: the size of a voxel in mm, along the axes of the model's image; above 0.
  ///   - convention: the system whose rules hold.
  ///   - interpolation: how values of the scan between voxels are made; `nil` for what the system usually does.
  public init(
    to spacing: PerAxis<Double>, convention: ResamplingConvention = .nnunet,
    interpolation: Interpolation? = nil
  ) {
    self.spacing = spacing
    self.convention = convention
    self.interpolation = interpolation
  }

  /// Whether intensities are normalized before they are resampled, and the scan is cut to its foreground before both.
  var normalizesFirst: Bool { convention == .nnunet || convention == .nnunetTorch }
}
