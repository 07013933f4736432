import Voxtile
import VoxtileTestSupport

/// What other systems made of small arrays: `Fixtures/make_resampling_goldens.py`.
struct ResamplingVectors: Decodable {
  var cases: [Case]
  var shapes: [Shape]
  var decisions: [Decision]

  private enum CodingKeys: String, CodingKey {
    case cases, shapes
    case decisions = "separate_z"
  }

  struct Values: Decodable {
    var shape: [Int]
    var data: [Double]

    /// Three axes, the slowest first.
    var extent: Extent {
      let sizes = shape + [Int](repeating: 1, count: 3 - shape.count)
      return Extent(width: sizes[2], height: sizes[1], depth: sizes[0])
    }
  }

  struct Case: Decodable {
    var name: String
    var input: Values
    var output: Values
    var order: Int?
    var newAffine: [[Double]]?

    private enum CodingKeys: String, CodingKey {
      case name, input, output, order
      case newAffine = "affine_out"
    }
  }

  struct Shape: Decodable {
    var old: [Int]
    var spacing: [Double]
    var newSpacing: [Double]
    var new: [Int]

    private enum CodingKeys: String, CodingKey {
      case old, spacing, new
      case newSpacing = "new_spacing"
    }
  }

  struct Decision: Decodable {
    var cur: [Double]
    var new: [Double]
    var result: [Answer]

    enum Answer: Decodable {
      case axis(Int)
      case word(Bool)
      case none
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
          self = .none
        } else if let word = try? container.decode(Bool.self) {
          self = .word(word)
        } else {
          self = .axis(try container.decode(Int.self))
        }
      }
    }

    /// The axis that is separate, of three with the slowest first.
    var axis: Axis? {
      if case .axis(let index) = result[1] { return perSlowest(Axis.z, .y, .x)[index] }
      return nil
    }
  }

  static func load() throws -> ResamplingVectors { try Fixture.json("resampling.json", as: Self.self) }
}

private func perSlowest<Value>(_ values: Value...) -> [Value] { values }

extension PerAxis<Double> {
  /// Values of three axes, the slowest first, as arrays of Python have them.
  init(slowestFirst values: [Double]) { self.init(x: values[2], y: values[1], z: values[0]) }
}

extension ResamplingVectors.Case {
  /// The size of voxels that the cases with an affine have, the slowest axis first, in mm.
  static let spacing = [0.8, 0.8, 2.5]
  /// Where the first voxel of those lies, in mm.
  static let origin = [10.0, -20, 30]
  /// The size that they get, in mm.
  static let newSpacing = 1.5

  var isOfLabels: Bool {
    name.contains("seg-order1") || name.contains("torch-seg") || name.hasSuffix("label")
  }

  var convention: ResamplingConvention {
    if name.hasPrefix("nnunet-torch") { return .nnunetTorch }
    return ResamplingConvention.allCases.first { name.hasPrefix($0.rawValue) } ?? .nnunet
  }

  var interpolation: Interpolation {
    if name.contains("nearest-{}") || name.hasSuffix("nearest") || name.hasSuffix("order0")
      || name.hasSuffix("label")
    {
      return .nearest
    }
    return name.hasSuffix("order3") || name.contains("spacing-3") || name.hasSuffix("bspline")
      || name.contains("default-3d-separate")
      ? .cubic : .linear
  }

  /// How the case is resampled.
  var resampling: Resampling {
    get throws {
      if name.contains("scale_extent': True") {
        // MONAI with the outer faces kept: the first voxel is moved.
        let axes = input.extent.sizes.map { axis, length in
          let step = Self.newSpacing / PerAxis(slowestFirst: Self.spacing)[axis]
          return AxisResampling(
            length: length, newLength: output.extent[axis],
            start: Double(length) / Double(output.extent[axis]) / 2 - 0.5, step: step, convention: .monai,
            interpolation: .linear)
        }
        return try Resampling(axes)
      }
      if convention == .nnunet || convention == .nnunetTorch {
        return try Resampling(
          of: input.extent, to: output.extent, convention: convention, interpolation: interpolation,
          isOfLabels: isOfLabels, separateAxis: name.contains("separate") ? .z : nil)
      }
      return try Resampling(
        of: input.extent, spacing: PerAxis(slowestFirst: Self.spacing), to: PerAxis(Self.newSpacing),
        convention: convention, interpolation: interpolation, isOfLabels: isOfLabels)
    }
  }
}
