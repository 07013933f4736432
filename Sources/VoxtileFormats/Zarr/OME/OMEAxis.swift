import Voxtile

/// An axis of an image, as OME-Zarr describes it.
struct OMEAxis: Hashable, Sendable {
  /// What an axis is in a volume.
  enum Role: Hashable, Sendable {
    case space(Axis)
    /// Time, channel or anything else: a part of the channels of a volume.
    case channel
  }

  let name: String
  /// `space`, `time`, `channel` or another word; as the name says where the file does not.
  let type: String?
  /// The unit of lengths or times, where the file says it.
  let unit: String?
  /// All that the file says of the axis.
  let value: JSONValue

  /// Creates an axis.
  init(_ name: String, type: String?, unit: String? = nil) {
    self.name = name
    self.type = type
    self.unit = unit
    value = .members([
      "name": .string(name), "type": type.map(JSONValue.string), "unit": unit.map(JSONValue.string),
    ])
  }

  /// Reads an axis; in old files it is a name alone.
  init(_ value: JSONValue, path: String) throws(VoxtileError) {
    if let name = value.string {
      self.init(name, type: Self.usualType(of: name))
      return
    }
    var fields = try ZarrFields(value, path: path)
    let name = try fields.take("name", "a text") { $0.string }
    self.init(
      name, type: fields.optional("type")?.string ?? Self.usualType(of: name),
      unit: fields.optional("unit")?.string, value: value)
  }

  private init(_ name: String, type: String?, unit: String?, value: JSONValue) {
    self.name = name
    self.type = type
    self.unit = unit
    self.value = value
  }

  /// The type of an axis with a usual name.
  static func usualType(of name: String) -> String? {
    switch name.lowercased() {
    case "x", "y", "z": "space"
    case "t": "time"
    case "c": "channel"
    default: nil
    }
  }
}

extension [OMEAxis] {
  /// The axes of an array about which nothing is known but their number.
  static func usual(rank: Int) -> [OMEAxis] {
    let names = ["t", "c", "z", "y", "x"]
    let leading = (0..<Swift.max(0, rank - names.count)).map { OMEAxis("d\($0)", type: "channel") }
    return leading + names.suffix(rank).map { OMEAxis($0, type: OMEAxis.usualType(of: $0)) }
  }

  /// The axes of an array with names that are not described: by these where they say which are x and y, else by their number.
  static func named(_ names: [String]) -> [OMEAxis] {
    let axes = names.map { OMEAxis($0, type: OMEAxis.usualType(of: $0) ?? "channel") }
    if Set(names.map { $0.lowercased() }).isSuperset(of: ["x", "y"]) { return axes }
    return zip(names, usual(rank: names.count)).map { OMEAxis($0, type: $1.type) }
  }

  /// What each axis is in a volume.
  ///
  /// Axes of space are told by their names where these are x, y and z, else by their order, in which x comes last.
  ///
  /// - Throws: `VoxtileError.Code.unsupportedFormat` where there are not two or three axes of space.
  func roles() throws(VoxtileError) -> [OMEAxis.Role] {
    let places = indices.filter { self[$0].type == "space" }
    guard (2...3).contains(places.count) else {
      let list = map { "\($0.name) (\($0.type ?? "no type"))" }.joined(separator: ", ")
      throw VoxtileError(
        .unsupportedFormat, "has the axes \(list); an image has two or three of type space",
        context: .init(expected: "2 or 3 axes of space", found: "\(places.count)"))
    }
    let byName = places.map { Axis(rawValue: self[$0].name.lowercased()) }
    let names = Set(byName.compactMap(\.self))
    let isNamed = names.count == places.count && names.isSuperset(of: [.x, .y])
    let byOrder = Array<Axis?>([Axis.z, .y, .x].suffix(places.count))
    var roles = [OMEAxis.Role](repeating: .channel, count: count)
    for (place, axis) in zip(places, isNamed ? byName : byOrder) {
      if let axis { roles[place] = .space(axis) }
    }
    return roles
  }
}
