import Voxtile

extension NRRDHeader {
  /// Sets the place of the first voxel of a box, whose axes are those that the header has.
  ///
  /// Spacings without a space cannot say it; such a header gets a space without a name, which claims no more than it did.
  mutating func move(to info: VolumeInfo, _ axes: NRRDAxes, unitsPerMillimeter units: [Double]) {
    guard field("space directions") != nil, let space = try? space() else {
      return setGeometry(of: info, axes)
    }
    let origin = PlacementLPS(info.metadata.affine).origin
    var vector = (Self.vectors(field("space origin")?.value ?? "")?.first ?? nil) ?? []
    vector += [Double](repeating: 0, count: max(space.dimension - vector.count, 0))
    for index in 0..<min(space.dimension, 3) {
      vector[index] = space.signs[index] * origin[index] * units[index]
    }
    set("space origin", to: Self.text(vector), after: ["space directions"])
  }

  /// Replaces all geometry: in LPS where the image has a place in the world, otherwise in a space without a name. Time is a fourth
  /// coordinate, as ITK needs it.
  mutating func setGeometry(of info: VolumeInfo, _ axes: NRRDAxes) {
    let meaning = info.channelMeaning
    removeFields([
      "space", "space dimension", "space units", "space directions", "space origin", "spacings", "axis mins",
      "axis maxs", "measurement frame",
    ])
    setAxisUnitsToMillimeters(axes)
    let placement = PlacementLPS(info.metadata.affine)
    let (sizes, directions) = placement.sizesAndDirections
    let place = info.metadata.place
    let rank = axes.spatial.count
    var step: Double?
    if case .time(let seconds) = meaning, rank == 3 { step = seconds ?? 1 }
    if place == .unknown && info.metadata.origin == .zero && sizes.allSatisfy({ $0 == 1 }) {
      if case .time(let seconds?) = meaning { setSpacing(seconds, ofTimeIn: axes) }
      return
    }
    let isAnatomical = place == .world && rank == 3
    let dimension = rank == 2 ? 2 : 3
    let time = step == nil ? [] : [0.0]
    set(
      isAnatomical ? "space" : "space dimension",
      to: isAnatomical ? NRRDSpace.written + (step == nil ? "" : "-time") : "\(dimension + time.count)",
      after: ["dimension"])
    let vectors = axes.sizes.indices.map { axis in
      guard axes.spatial.contains(axis) else {
        return step.map { Self.text([Double](repeating: 0, count: dimension) + [$0]) } ?? "none"
      }
      let index = axis - axes.spatial.lowerBound
      return Self.text(directions[index].prefix(dimension).map { $0 * sizes[index] } + time)
    }
    set("space directions", to: vectors.joined(separator: " "), after: ["sizes", "space", "space dimension"])
    set(
      "space origin", to: Self.text(Array(placement.origin.prefix(dimension)) + time),
      after: ["space directions"])
    if case .time(.some) = meaning, step != nil {
      set("space units", to: #""mm" "mm" "mm" "s""#, after: ["space directions"])
    }
  }

  /// Says how many seconds pass from one time point to the next, where there is no space.
  private mutating func setSpacing(_ seconds: Double, ofTimeIn axes: NRRDAxes) {
    let isTime = axes.sizes.indices.map { !axes.spatial.contains($0) && axes.sizes[$0] > 1 }
    set(
      "spacings", to: isTime.map { $0 ? HeaderNumbers.text(seconds) : "nan" }.joined(separator: " "),
      after: ["sizes"])
    let names = axes.sizes.indices.map { axis in
      isTime[axis] ? "s" : axisUnits?.names.dropFirst(axis).first ?? ""
    }
    set("units", to: names.map { "\"\($0)\"" }.joined(separator: " "), after: ["spacings"])
  }

  private static func text(_ vector: [Double]) -> String {
    "(" + vector.map(HeaderNumbers.text).joined(separator: ",") + ")"
  }

  /// Says that values are labels, or no longer does.
  mutating func setLabels(of info: VolumeInfo) {
    let isLabeled = NRRDSegments(pairs).isLabelMap
    if info.isLabelMap && !isLabeled {
      let key = NRRDSegments.sourceKeys.first { key in pairs.contains { $0.key == key } }
      setPair(key ?? NRRDSegments.sourceKeys[0], to: NRRDSegments.labels)
    }
    if info.isNoLongerLabels && isLabeled {
      removePairs { NRRDSegments.split($0) != nil || $0.hasPrefix("Segmentation_") }
    }
  }

  /// Makes what a segmentation says about places hold for a box: each label may be anywhere in it, and the box lies elsewhere
  /// in its reference image.
  mutating func moveSegments(of info: VolumeInfo, whole: Extent) {
    let origin = info.metadata.origin
    guard info.extent != whole || origin != .zero else { return }
    let (width, height, depth) = (info.extent.width, info.extent.height, info.extent.depth)
    for (key, value) in pairs {
      if NRRDSegments.split(key)?.name == "Extent" {
        setPair(key, to: "0 \(width - 1) 0 \(height - 1) 0 \(depth - 1)")
      } else if key == "Segmentation_ReferenceImageExtentOffset", let old = HeaderNumbers.integers(value),
        old.count == 3, old.allSatisfy({ $0.magnitude < 1 << 40 })
      {
        setPair(key, to: HeaderNumbers.text([old[0] + origin.x, old[1] + origin.y, old[2] + origin.z]))
      }
    }
  }
}
