import Voxtile

/// What the animation shows at each place of an image: its brightness, what lies over it, and which patch reveals it.
///
/// It is drawn from the pictures of a report, so no file is read again.
struct AnimationScene {
  /// The size of the image in voxels.
  let extent: PerAxis<Int>
  /// The size of a voxel in mm; 1 where it is not known.
  let spacing: PerAxis<Double>
  /// To where each axis points; `nil` where that is not known.
  let orientation: [Character]?
  /// The slices that are shown, one across each axis.
  let slices: PerAxis<Int>
  /// What lies over the image.
  let overlay: AnimationOverlay
  /// The image before a patch reveals it, and after.
  let hidden: AnimationImage
  let revealed: AnimationImage
  /// The patches.
  let patches: AnimationPatches
  /// Whether there are overlays, and none of them has anything to show.
  let overlaysAreEmpty: Bool

  init(_ data: ReportData) {
    let summary = data.summary
    extent = PerAxis(of: summary.extent)
    spacing = PerAxis(of: summary.spacing).map { _, step in
      step.isFinite && step != 0 ? step.magnitude : 1
    }
    orientation = data.place.orientation.map(Array.init).flatMap { $0.contains("?") ? nil : $0 }
    patches = AnimationPatches(data)
    let over = data.layers.filter { $0.role == .overlay && $0.kind != .difference }
    let found = Self.firstToShow(of: over) ?? Self.labels(of: data)
    let shown = found?.layer
    overlay = found?.overlay ?? AnimationOverlay()
    overlaysAreEmpty = !over.isEmpty && shown?.role != .overlay
    hidden = AnimationImage(data.layers[0])
    // Without anything to lay over the image, what was merged is revealed, or the image itself.
    let isBase = shown.map { $0.role == .base } ?? true
    revealed = AnimationImage(isBase ? Self.merged(of: data) ?? data.layers[0] : data.layers[0])
    let shape = extent
    slices = overlay.fullestSlices.map { axis, slice in
      guard let slice, let shown else { return shape[axis] / 2 }
      return PictureAxis(count: shown.extent[axis.index], length: shape[axis]).center(of: slice)
    }
  }

  /// The voxel at a place.
  ///
  /// - Parameter place: parts of the image along each axis, 0..<1.
  func voxel(at place: PerAxis<Double>) -> PerAxis<Int> {
    place.map { axis, part in min(extent[axis] - 1, max(0, Int(part * Double(extent[axis])))) }
  }

  /// A picture, and what it lays over the image.
  private typealias Shown = (layer: ReportData.Layer, overlay: AnimationOverlay)

  /// The first overlay with labels, else the first one with values. Those that have nothing to show are passed over.
  private static func firstToShow(of layers: [ReportData.Layer]) -> Shown? {
    for kind in [ReportData.Layer.Kind.labels, .intensity] {
      for layer in layers where layer.kind == kind {
        let overlay = AnimationOverlay(layer)
        if !overlay.isEmpty { return (layer, overlay) }
      }
    }
    return nil
  }

  /// The labels that are the image.
  private static func labels(of data: ReportData) -> Shown? {
    [merged(of: data), data.layers[0]].compactMap(\.self).first { $0.kind == .labels }
      .map { ($0, AnimationOverlay($0)) }
  }

  /// The first channel of what was merged; `nil` where there is nothing.
  private static func merged(of data: ReportData) -> ReportData.Layer? {
    data.layers.first { $0.role == .base && $0.source?.file != data.layers[0].source?.file }
  }
}

/// When patches reveal a voxel.
struct AnimationPatches {
  /// The number of patches.
  let count: Int
  /// How they are numbered.
  private let order: PatchOrder
  private let counts: PerAxis<Int>
  private let ranges: PerAxis<[[Int]]>
  /// For each coordinate along an axis, the first place of the grid whose patches hold it; -1 where none does.
  private let first: PerAxis<[Int]>

  init(_ data: ReportData) {
    (count, order) = (data.summary.patches, data.summary.order)
    counts = PerAxis(of: data.summary.counts)
    let ranges = PerAxis(x: data.patches.x, y: data.patches.y, z: data.patches.z)
    self.ranges = ranges
    first = PerAxis(of: data.summary.extent).map { axis, length in
      var place = 0
      return (0..<length).map { voxel in
        while place < ranges[axis].count, ranges[axis][place][1] <= voxel { place += 1 }
        return place < ranges[axis].count && ranges[axis][place][0] <= voxel ? place : -1
      }
    }
  }

  /// The first patch that holds a voxel; `nil` where none does.
  func first(at voxel: PerAxis<Int>) -> Int? {
    let place = voxel.map { axis, coordinate in first[axis][coordinate] }
    guard place.all.allSatisfy({ $0 >= 0 }) else { return nil }
    return order.index(of: Position(x: place.x, y: place.y, z: place.z), counts: counts)
  }

  /// The part of a patch inside the image.
  func box(_ index: Int) -> PerAxis<Range<Int>> {
    let place = order.position(of: index, counts: counts)
    return PerAxis(x: place.x, y: place.y, z: place.z).map { axis, place in
      (ranges[axis][place][0]..<ranges[axis][place][1]).clamped(to: 0..<first[axis].count)
    }
  }
}

extension PerAxis {
  /// The values of a list with x first.
  init(of values: [Value]) { self.init(x: values[0], y: values[1], z: values[2]) }
}
