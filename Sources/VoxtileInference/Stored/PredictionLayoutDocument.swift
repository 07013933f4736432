import Voxtile

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How predictions of patches become an image, as it stands in a file. `Schema/voxtile-predictions-1.schema.json` describes each field.
package struct PredictionLayoutDocument: Codable, Hashable, Sendable {
  struct Header: Codable, Hashable {
    var format: String
    var bytes: Data
  }

  struct Image: Codable, Hashable {
    /// Voxels along x, y and z.
    var extent: [Int]
    var affine: [[Double]]
    var place: String
    var spatialRank: Int?
    var header: Header?
  }

  struct Axis: Codable, Hashable {
    /// Voxels of the predicted box.
    var length: Int
    var patch: Int
    var overlap: Int
    /// Whether patches end with the box.
    var isClipped: Bool
    /// The first voxel of each patch.
    var starts: [Int]
    /// The different weights of patches along the axis; none where they are an array of their own.
    var weights: [[Double]]?
    /// Which of them each patch has.
    var weightsOfPatches: [Int]?
  }

  struct Axes<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    var x: Value
    var y: Value
    var z: Value
  }

  struct Name: Codable, Hashable {
    var label: Int
    var name: String
  }

  struct Resampled: Codable, Hashable {
    /// The box of the scan that is resampled: its first voxel and its size.
    var boxOrigin: [Int]
    var boxExtent: [Int]
    /// The size of a voxel of the scan, in mm.
    var spacing: [Double]
    var axes: Axes<ResampledAxis>
    var separateAxis: String?
    /// Whose rules hold on the way back, where those are others.
    var conventionBack: ResamplingConvention?
  }

  struct ResampledAxis: Codable, Hashable {
    var length: Int
    var newLength: Int
    var convention: ResamplingConvention
    var interpolation: Interpolation
    /// `faces`, `singleFaces`, `ends`, `center` or `steps`.
    var places: String
    var from: Double?
    var step: Double?
    /// Whether the system sees the axis from its other end.
    var isReversed: Bool?
  }

  /// What is written.
  var image: Image
  /// Where the predicted box begins in it.
  var origin: [Int]
  var axes: Axes<Axis>
  var channels: Int
  var activation: String
  var threshold: Double
  /// Whether the weights over each voxel add up to 1.
  var weightsAddUp: Bool
  var labels: [Int]
  var names: [Name]
  /// The labels that the network may give, where it gives labels itself: the least and the largest.
  var labelRange: [Int]?
  var resampled: Resampled?
}

extension PredictionLayoutDocument {
  /// The document of a layout. Weights that are no product are left out; they are ``PredictionLayout/denseWeights``.
  package init(_ layout: PredictionLayout) {
    let metadata = layout.metadata
    image = Image(
      extent: layout.extent.sizes.all, affine: metadata.affine.rows, place: metadata.place.rawValue,
      spatialRank: metadata.spatialRank,
      header: metadata.header.map { Header(format: $0.format, bytes: Data($0.bytes)) })
    origin = Voxtile.Axis.allCases.map { layout.origin[$0] }
    let found: PerAxis<[[Float]]>?
    (found, weightsAddUp) =
      switch layout.shares {
      case .product(let axes): (axes, true)
      case .unsummedProduct(let axes): (axes, false)
      case .dense: (nil, false)
      }
    let axes = layout.grid.axes.map { axis, tiling in
      var document = Axis(
        length: tiling.length, patch: tiling.patch, overlap: tiling.overlap, isClipped: tiling.isClipped,
        starts: tiling.starts)
      if let patches = found?[axis] {
        var numbers: [[Float]: Int] = [:]
        var different: [[Double]] = []
        document.weightsOfPatches = patches.map { weights in
          if let number = numbers[weights] { return number }
          numbers[weights] = different.count
          different.append(weights.map(Double.init))
          return different.count - 1
        }
        document.weights = different
      }
      return document
    }
    self.axes = Axes(x: axes.x, y: axes.y, z: axes.z)
    (channels, activation) = (layout.channels, layout.activation.rawValue)
    (threshold, labels) = (layout.threshold, layout.labels.map(Int.init))
    names = layout.labelNames.map { Name(label: $0.label, name: $0.name) }
    labelRange = layout.votes.map { [$0.range.lowerBound, $0.range.upperBound] }
    resampled = layout.wayBack.map(Resampled.init)
  }
}

extension PredictionLayoutDocument.Resampled {
  fileprivate init(_ way: WayBack) {
    let axes = way.there.axes.map { PredictionLayoutDocument.ResampledAxis($1) }
    self.init(
      boxOrigin: Axis.allCases.map { way.box.origin[$0] }, boxExtent: way.box.extent.sizes.all,
      spacing: way.spacing.all, axes: .init(x: axes.x, y: axes.y, z: axes.z),
      separateAxis: way.separateAxis?.rawValue,
      conventionBack: way.back.convention == way.there.convention ? nil : way.back.convention)
  }
}

extension PredictionLayoutDocument.ResampledAxis {
  fileprivate init(_ axis: AxisResampling) {
    let (places, from, step): (String, Double?, Double?) =
      switch axis.places {
      case .faces: ("faces", nil, nil)
      case .singleFaces: ("singleFaces", nil, nil)
      case .ends: ("ends", nil, nil)
      case .center(let step): ("center", nil, step)
      case .steps(let from, let step): ("steps", from, step)
      }
    self.init(
      length: axis.length, newLength: axis.newLength, convention: axis.convention,
      interpolation: axis.interpolation, places: places, from: from, step: step,
      isReversed: axis.isReversed ? true : nil)
  }
}

extension PredictionLayout {
  /// The weights of the voxels of a patch, of shape `(depth, height, width)`, where they are no product; `nil` where they are.
  package var denseWeights: [Float]? {
    if case .dense(let weights) = shares { weights } else { nil }
  }
}
