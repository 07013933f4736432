import Voxtile

/// Units of length in a header: of the coordinates of its space (`space units`), or of its axes (`units`).
struct NRRDUnits: Sendable {
  /// The names in the order of the coordinates or axes; an empty one says nothing.
  let names: [String]

  /// Reads names in quotes, or words where there are none.
  init(_ text: String) {
    guard text.contains("\"") else {
      names = text.split(whereSeparator: \.isBlank).map(String.init)
      return
    }
    var names: [String] = []
    var name: String?
    var isEscaped = false
    for character in text {
      if isEscaped {
        name?.append(character)
        isEscaped = false
      } else if character == "\\", name != nil {
        isEscaped = true
      } else if character == "\"" {
        if let known = name { names.append(known.trimmed) }
        name = name == nil ? "" : nil
      } else {
        name?.append(character)
      }
    }
    self.names = names
  }

  /// Millimeters in one unit of each coordinate or axis; 1 where nothing is known.
  func millimeters(_ indices: some Sequence<Int>) -> [Double] {
    indices.map { $0 < names.count ? LengthUnit.millimeters(names[$0]) ?? 1 : 1 }
  }

  /// The names of units that are no known length, each once.
  func unknown(_ indices: some Sequence<Int>) -> [String] {
    let named = indices.filter { $0 < names.count }.map { names[$0] }
    return Set(named.filter { !$0.isEmpty && LengthUnit.millimeters($0) == nil }).sorted()
  }
}

extension NRRDHeader {
  /// The units of the coordinates of the space, where the header has them.
  var spaceUnits: NRRDUnits? { field("space units").map { NRRDUnits($0.value) } }

  /// The units of the axes, where the header has them.
  var axisUnits: NRRDUnits? { field("units").map { NRRDUnits($0.value) } }

  /// What is said of units: that lengths are converted, or that nothing is known of a unit.
  func unitNotes(_ axes: NRRDAxes, _ placement: PlacementLPS, usesAxes: Bool) -> [String] {
    guard let units = usesAxes ? axisUnits : spaceUnits else { return ignoredUnitNotes(axes) }
    let indices = usesAxes ? Array(axes.spatial) : [0, 1, 2]
    var notes = units.unknown(indices).map {
      "gives lengths in the unit \"\($0.prefix(40))\", which is not known here; they are taken as mm"
    }
    if units.millimeters(indices).contains(where: { $0 != 1 }) {
      let sizes = placement.affine.spacing.all.prefix(axes.spatial.count).map { $0.rounded(toDecimals: 6) }
      let names = indices.filter { $0 < units.names.count }.map { "\"\(units.names[$0].prefix(40))\"" }
      notes.append(
        "gives lengths in \(names.joined(separator: " ")), which are converted to mm: voxels of "
          + "\(sizes.joined(separator: " x ")) mm; programs that use ITK take them as mm")
    }
    return notes
  }

  /// Units of axes beside directions, which have the units of their space.
  private func ignoredUnitNotes(_ axes: NRRDAxes) -> [String] {
    guard let units = axisUnits, units.millimeters(axes.spatial).contains(where: { $0 != 1 }) else {
      return []
    }
    return ["gives units of axes, but no \"space units\" for its space directions, which are taken as mm"]
  }

  /// Says in mm what a header with units of axes says of those of the image.
  mutating func setAxisUnitsToMillimeters(_ axes: NRRDAxes) {
    guard let units = axisUnits else { return }
    let names = axes.sizes.indices.map { axis in
      axes.spatial.contains(axis) ? "mm" : axis < units.names.count ? units.names[axis] : ""
    }
    set("units", to: names.map { "\"\($0)\"" }.joined(separator: " "))
  }
}
