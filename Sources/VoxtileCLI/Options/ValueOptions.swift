import ArgumentParser
import Voxtile
import VoxtileInference
import VoxtileStore

/// What is done to the values of an image before they are written.
struct ValueOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How intensities are normalized, each channel with the statistics of all its voxels; the result is float32 unless "
        + "--type says otherwise.",
      valueName: "how"))
  var normalize: Normalization?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What real values are multiplied by, and what is then added, after the normalization; the result is float32 unless "
        + "--type says otherwise.",
      valueName: "255|2,-1024"))
  var scale: ScaleArgument?

  @Option(
    help: ArgumentHelp(
      "The scalar type to write; real values are rounded to the nearest one that it holds.", valueName: "type"
    ))
  var type: ScalarType?

  func validate() throws {
    if let normalize, normalize.looksAtBox {
      throw ValidationError("--normalize \(normalize) is of the box that infer predicts; leave out :box")
    }
  }

  /// What is done to the values of an image; `nil` where they stay as they are.
  ///
  /// The image is read for the statistics of the normalization.
  func map(of reader: any VolumeReader) throws -> ValueMap? {
    guard normalize != nil || scale != nil || type != nil else { return nil }
    let maps = try (normalize ?? .none).maps(of: reader) { try Interrupt.check() }
    var map = ValueMap(
      scalarType: type ?? (normalize != nil || scale != nil ? .float32 : reader.info.scalarType),
      steps: maps.map { $0.steps + (scale.map { [.scale(slope: $0.slope, intercept: $0.intercept)] } ?? []) })
    map.keepsZero = maps.contains(where: \.keepsZero)
    if Set(map.steps).count == 1 { map.steps = [map.steps[0]] }
    return map
  }
}

extension IntensityMap {
  /// The same in steps.
  fileprivate var steps: [ValueMap.Step] {
    var steps: [ValueMap.Step] = []
    // A difference first: far from 0, a product would lose what the difference keeps.
    if offset != 0 { steps.append(.scale(slope: 1, intercept: -offset)) }
    if divisor != 1 { steps.append(.scale(slope: 1 / divisor, intercept: 0)) }
    if lower != nil || upper != nil {
      steps.append(
        .clip(low: lower ?? -.greatestFiniteMagnitude, high: upper ?? .greatestFiniteMagnitude))
    }
    return steps
  }
}

/// A factor, and a number that is added, as in `255` or `2,-1024`.
struct ScaleArgument: ExpressibleByArgument {
  let slope: Double
  let intercept: Double

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard (1...2).contains(parts.count), let slope = parts[0], slope.isFinite, slope != 0,
      let intercept = parts.count == 2 ? parts[1] : 0, intercept.isFinite
    else { return nil }
    self.slope = slope
    self.intercept = intercept
  }
}

extension ScaleArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? {
    if Double(argument) == 0 { return "all values would be 0; write a factor that is not 0" }
    return "this is a factor, or a factor and what is added, as in 255 or 2,-1024"
  }
}

extension ValueFindings {
  /// What is said of values that the scalar type could not hold.
  func remarks(as type: ScalarType) -> [String] {
    var remarks: [String] = []
    if saturatedValues > 0 {
      remarks.append(
        "\(Console.count(saturatedValues, "value")) outside of the range of \(type.rawValue) became "
          + (type.isInteger ? "the nearest value inside" : "infinite")
      )
    }
    if nanValues > 0 {
      remarks.append("\(Console.count(nanValues, "NaN value")) became 0, since \(type.rawValue) has no NaN")
    }
    return remarks
  }
}
