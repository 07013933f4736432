import Voxtile

/// How predictions of patches become an image: all that merging them needs to know, without the scan and the network.
package struct PredictionLayout: Hashable, Sendable {
  /// The size of what is written, in voxels.
  package var extent: Extent
  /// Where what is written lies in the world.
  package var metadata: VolumeMetadata
  /// Where the grid begins in what is written; everything outside of the grid is background.
  package var origin: Position
  /// What is predicted of each patch.
  package let grid: PatchGrid
  /// Channels that the network gives.
  package let channels: Int
  /// What turns merged values into probabilities; not automatic.
  package let activation: Activation
  /// The least probability of a label, where there is one.
  let threshold: Double
  /// For each channel its label. Where the network gives labels, what each of them becomes, or none where they stay.
  let labels: [Int32]
  /// The names of labels, where they are known, in the order of the labels' channels.
  package let labelNames: [LabelName]
  /// How labels are put together, where the network gives labels itself; `nil` where it gives a value for each class.
  let votes: LabelVotes?
  /// The part that each patch has in a voxel.
  let shares: PatchShares
  /// How sums of half precision are kept; `nil` where sums are of single precision.
  var half: HalfSums?
  /// How what is merged comes back to the voxels of the scan, where that was resampled; the grid is then over the resampled scan.
  var wayBack: WayBack?

  /// The resampled scan by itself.
  var ofResampledScan: PredictionLayout {
    var layout = self
    layout.wayBack = nil
    layout.extent = grid.extent
    layout.metadata = metadata.withoutHeader(affine: metadata.affine)
    return layout
  }
}

extension PredictionLayout {
  /// What a file of one kind of output will be.
  package func info(of kind: PredictionKind) -> VolumeInfo {
    var info = VolumeInfo(
      extent: extent, channels: kind.channels(of: channels), scalarType: scalarType(of: kind),
      metadata: metadata)
    info.isLabelMap = kind == .labels || kind == .disagreement
    return info
  }

  /// The type of the values of one kind of output.
  func scalarType(of kind: PredictionKind) -> ScalarType {
    switch kind {
    case .labels: labelType
    case .disagreement: .uint8
    case .probabilities, .logits, .confidence: .float32
    }
  }

  /// The smallest type that holds all labels.
  var labelType: ScalarType {
    let range = labels.isEmpty ? votes?.range : nil
    let least = labels.min() ?? Int32(range?.lowerBound ?? 0)
    let largest = labels.max() ?? Int32(range?.upperBound ?? 0)
    if least < 0 { return least >= -32768 && largest <= 32767 ? .int16 : .int32 }
    return largest <= 255 ? .uint8 : largest <= 65535 ? .uint16 : .int32
  }

  /// What turns sums into what is written.
  var decision: VoxelDecision {
    VoxelDecision(
      channels: channels, activation: activation, labels: labels,
      background: VoxelDecision.hasThreshold(activation, channels: channels) && votes == nil
        ? 0 : labels.first ?? 0,
      threshold: Float(threshold), votes: votes)
  }

  /// The values that the model gives of a voxel: those of each network where they are summed by themselves.
  var givenChannels: Int { channels * (half?.networks ?? 1) }

  /// Whether the grid covers what is written, and some patch holds each of its voxels.
  var isWholeOutputSet: Bool {
    grid.extent == extent && grid.axes.all.allSatisfy { $0.coveredCount == $0.length }
  }
}
