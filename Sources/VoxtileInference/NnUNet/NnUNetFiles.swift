import Voxtile

/// What only a checkpoint of nnU-Net knows: `voxtile-nnunet.json`, which the exporter writes.
struct NnUNetExport: Decodable {
  let format: String
  let configuration: String
  /// Axes of the array that the network sees, slowest first.
  let mirroringAxes: [Int]
  /// The ONNX file of each fold.
  let models: [String]
  let heads: Int
  /// The labels of each head.
  let headLabels: [[Int]]
  let regions: Bool
  let regionsClassOrder: [Int]?

  private enum CodingKeys: String, CodingKey {
    case format, configuration, models, heads, regions
    case mirroringAxes = "mirroring_axes"
    case headLabels = "head_labels"
    case regionsClassOrder = "regions_class_order"
  }
}

/// The parts of `dataset.json` that a prediction needs.
struct NnUNetDataset: Decodable {
  /// The label or, for a region, the labels of a name.
  struct Labels: Decodable {
    let values: [Int]

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      values = try (try? value.decode(Int.self)).map { [$0] } ?? value.decode([Int].self)
    }
  }

  let labels: [String: Labels]
  let reader: String?

  private enum CodingKeys: String, CodingKey {
    case labels
    case reader = "overwrite_image_reader_writer"
  }
}

/// The parts of `plans.json` that a prediction needs.
struct NnUNetPlans: Decodable {
  /// How the network's arrays are made.
  struct Configuration: Decodable {
    /// What a function of resampling is called with.
    struct Resampling: Decodable {
      var order: Int?
      var orderZ: Int?
      /// Whether slices are separate; `nil` for nnU-Net's rule, or where it is not said.
      var separatesSlices: Bool?
      var isSeparationGiven = false
      /// From which ratio of the sizes of a voxel on slices are separate.
      var threshold: Double?
      /// PyTorch's names of interpolations, also of that along separate slices.
      var mode: String?
      var separateMode: String?

      init() {}

      init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        order = try values.decodeIfPresent(Int.self, forKey: .order)
        orderZ = try values.decodeIfPresent(Int.self, forKey: .orderZ)
        separatesSlices = try values.decodeIfPresent(Bool.self, forKey: .separatesSlices)
        // `null` asks for the rule, and a key that is missing for the function's default.
        isSeparationGiven = values.contains(.separatesSlices)
        threshold = try values.decodeIfPresent(Double.self, forKey: .threshold)
        mode = try values.decodeIfPresent(String.self, forKey: .mode)
        separateMode = try values.decodeIfPresent(String.self, forKey: .separateMode)
      }

      private enum CodingKeys: String, CodingKey {
        case order, mode
        case orderZ = "order_z"
        case separatesSlices = "force_separate_z"
        case threshold = "separate_z_anisotropy_threshold"
        case separateMode = "aniso_axis_mode"
      }
    }

    var parent: String?
    var preprocessor: String?
    var patch: [Int]?
    var spacing: [Double]?
    var schemes: [String]?
    var masks: [Bool]?
    var dataFunction: String?
    var data: Resampling?
    var logitsFunction: String?
    var logits: Resampling?
    var previousStage: String?

    private enum CodingKeys: String, CodingKey {
      case spacing
      case parent = "inherits_from"
      case preprocessor = "preprocessor_name"
      case patch = "patch_size"
      case schemes = "normalization_schemes"
      case masks = "use_mask_for_norm"
      case dataFunction = "resampling_fn_data"
      case data = "resampling_fn_data_kwargs"
      case logitsFunction = "resampling_fn_probabilities"
      case logits = "resampling_fn_probabilities_kwargs"
      case previousStage = "previous_stage"
    }

    /// This configuration, with what it does not say from another one.
    func inheriting(_ other: Configuration) -> Configuration {
      Configuration(
        parent: other.parent, preprocessor: preprocessor ?? other.preprocessor, patch: patch ?? other.patch,
        spacing: spacing ?? other.spacing, schemes: schemes ?? other.schemes, masks: masks ?? other.masks,
        dataFunction: dataFunction ?? other.dataFunction, data: data ?? other.data,
        logitsFunction: logitsFunction ?? other.logitsFunction, logits: logits ?? other.logits,
        previousStage: previousStage ?? other.previousStage)
    }
  }

  /// The intensities of a channel in the foreground of the training data.
  struct Intensities: Decodable {
    let mean: Double
    let deviation: Double
    let low: Double
    let high: Double

    private enum CodingKeys: String, CodingKey {
      case mean
      case deviation = "std"
      case low = "percentile_00_5"
      case high = "percentile_99_5"
    }
  }

  let reader: String?
  let transpose: [Int]
  let labelManager: String?
  let intensities: [String: Intensities]?
  let configurations: [String: Configuration]

  private enum CodingKeys: String, CodingKey {
    case configurations
    case reader = "image_reader_writer"
    case transpose = "transpose_forward"
    case labelManager = "label_manager"
    case intensities = "foreground_intensity_properties_per_channel"
  }

  /// A configuration with all that it inherits; `nil` where one of them is missing, or they inherit in a circle.
  func configuration(named name: String) -> Configuration? {
    guard var found = configurations[name] else { return nil }
    for _ in 0..<configurations.count {
      guard let parent = found.parent else { return found }
      guard let next = configurations[parent] else { return nil }
      found = found.inheriting(next)
    }
    return found.parent == nil ? found : nil
  }
}
