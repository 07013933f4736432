import Voxtile

/// What a segmentation of 3D Slicer (`.seg.nrrd`) says about its labels, in pairs as `Segment0_Name:=liver`.
struct NRRDSegments: Sendable {
  /// One label.
  struct Segment: Equatable, Sendable {
    var number: Int
    var name: String
    var value: Int?
    /// Red, green and blue, 0 to 255.
    var color: [Int]?
    /// Which channel it is in, where labels lie over each other.
    var layer: Int
  }

  /// The pair that says what a segmentation is made of, by its name in newer and older versions.
  static let sourceKeys = ["Segmentation_SourceRepresentation", "Segmentation_MasterRepresentation"]
  /// The value for labels.
  static let labels = "Binary labelmap"

  /// The labels, by their numbers.
  private(set) var segments: [Segment]
  /// Whether values are labels.
  let isLabelMap: Bool

  /// Takes the pairs of a header.
  init(_ pairs: [(key: String, value: String)]) {
    var found: [Int: [String: String]] = [:]
    var source: String?
    for (key, value) in pairs {
      if Self.sourceKeys.contains(key) { source = value.trimmed }
      if let (number, name) = Self.split(key) { found[number, default: [:]][name] = value.trimmed }
    }
    segments = found.sorted { $0.key < $1.key }.map { number, values in
      Segment(
        number: number, name: values["Name"] ?? values["ID"] ?? "",
        value: values["LabelValue"].flatMap { Int($0) },
        color: values["Color"].flatMap(Self.color), layer: values["Layer"].flatMap { Int($0) } ?? 0)
    }
    isLabelMap = source.map { $0 == Self.labels } ?? segments.contains { $0.value != nil }
  }

  /// The number of a segment and what a key says about it, or `nil` where it is about none.
  static func split(_ key: String) -> (number: Int, name: String)? {
    guard key.hasPrefix("Segment"), let underscore = key.firstIndex(of: "_"),
      let number = Int(key[key.index(key.startIndex, offsetBy: 7)..<underscore]), number >= 0
    else { return nil }
    return (number, String(key[key.index(after: underscore)...]))
  }

  private static func color(_ text: String) -> [Int]? {
    guard let parts = HeaderNumbers.reals(text), parts.count == 3 else { return nil }
    return parts.map { Int((min(max($0, 0), 1) * 255).rounded()) }
  }

  /// A line for each label: its value, its name and its color.
  var details: [(name: String, value: String)] {
    let layers = Set(segments.map(\.layer)).count
    return segments.prefix(Self.maxDetails).map { segment in
      let name = segment.name.count > 100 ? segment.name.prefix(100) + "..." : segment.name
      let color = segment.color.map { " (\($0.map(String.init).joined(separator: ", ")))" } ?? ""
      return (
        "label " + (segment.value.map(String.init) ?? "?")
          + (layers > 1 ? " of channel \(segment.layer)" : ""),
        name + color
      )
    }
  }

  private static let maxDetails = 300
}
