extension VoxtileError {
  /// What can be done about an error.
  ///
  /// It is kept apart from the message, so that each caller can say it in its own terms: the command line names its
  /// options, an app its buttons. ``description`` says it in the terms of the library.
  @nonexhaustive
  public enum Remedy: Hashable, Sendable {
    /// Name another target, or allow the one that exists to be replaced.
    case replaceTarget
    /// Use an edge policy that allows patches larger than the image, or a patch of at most so many voxels along the axis.
    case padOrShrinkPatch(axis: Axis, largest: Int)
    /// Use another edge policy than ``EdgePolicy/partial``.
    case avoidPartialPatches
    /// Use another edge policy than ``EdgePolicy/partial``, or leave the image in its own orientation.
    case avoidPartialPatchesOrTurning
    /// Leave the image in its own orientation, or write one into its header.
    case keepOrientation
    /// Convert the values to one of these scalar types, or write NIfTI.
    case convertScalarType(to: [ScalarType])
    /// Merge real values by naming a scalar type, or write NIfTI.
    case writeRealValues
    /// Use another fill value or another scalar type.
    case chooseFillOrScalarType
    /// Say how patches are blended.
    case chooseBlend
    /// Say how the patch files are called.
    case namePattern
    /// Say how the patch files are called, or give voxels without a patch the fill value.
    case namePatternOrFillMissing
    /// Merge by names, whatever the files say about their positions.
    case ignorePositions
    /// Merge into a scalar type that holds the values.
    case chooseScalarType
    /// Say which scalar type patches of several types are merged into.
    case mergeAsOneScalarType
    /// Ignore NaN, or let it through.
    case chooseNaNPolicy
    /// Replace NaN and infinity with a number.
    case replaceNotFinite
    /// Give the size of a patch.
    case givePatchSize
    /// Leave out the mask and the limit to the foreground.
    case predictWholeScan
    /// Look at the normalization and at the values of the scan.
    case checkNormalization
    /// Say whether a model predicts the middle of its patch, or all of it in voxels of another size.
    case chooseOutputFit
    /// Name the output of a model that is used.
    case chooseOutput
    /// Name the order of the axes of a model's input.
    case nameLayout
    /// Resample the scan to the size of voxels that a model was trained with.
    case resampleScan
    /// Predict a scan with its own voxels instead of resampling it.
    case keepVoxels
    /// Take what a network gives as probabilities.
    case takeAsProbabilities
    /// Give a value or a name for each label that a model gives.
    case giveAllLabels
    /// Say how far a network looks instead of measuring it.
    case giveReach
    /// Lay patches without an alignment.
    case leaveAlignment
    /// Give a table that says what the labels of several tasks become.
    case giveTaskLabels
    /// Predict each time point of a 4D image by itself.
    case predictTimePoints
    /// Install ONNX Runtime, or name its library.
    case installOnnxRuntime(oldestVersion: String)
    /// Search fewer grids: a larger multiple, or a patch or overlap that is kept. More memory may do, too.
    case searchFewerGrids(neededBytes: Int?)
    /// Use a smaller multiple along the axis, or an edge policy that pads.
    case useSmallerMultiple(axis: Axis)
    /// Name the manifest that was written when the patches were cut.
    case nameManifest
    /// Name the image that the patches were cut from.
    case nameSourceImage
    /// Choose one of several DICOM series by its number, or name one of its files.
    case chooseSeries
    /// Search the folders inside a folder, too.
    case searchFolders
    /// Say whether several files are several scans, or the channels of one.
    case sayWhetherCases
    /// Go on with what an earlier run has left, or make everything again.
    case resumeOrReplace
    /// Make it again, or move what is there.
    case replaceForeign
    /// Choose at least so many patches, or as many as are needed.
    case takeMoreSamples(needed: Int)
    /// Pad scans that are shorter than a patch, or use a patch of at most so many voxels along the axis.
    case padOrShrinkSample(axis: Axis, largest: Int)
    /// Choose one of several channels, such as time points.
    case chooseChannel
    /// Write a plain NRRD, or name a scalar type of whole numbers.
    case nameLabelType
    /// Make a picture with a palette gray first.
    case convertToGray
    /// Leave the axes of the image as they are, or write into its header where they point.
    case leaveOrientation
  }
}

extension VoxtileError.Remedy: CustomStringConvertible {
  /// What to do, in the terms of the library.
  public var description: String {
    switch self {
    case .replaceTarget: "name another target, or allow it to be replaced"
    case .padOrShrinkPatch(let axis, let largest):
      "use the edge policy pad or partial, or a patch \(axis.sizeName) of at most \(largest)"
    case .avoidPartialPatches: "use another edge policy than partial"
    case .avoidPartialPatchesOrTurning:
      "use another edge policy than partial, or leave the image in its own orientation"
    case .keepOrientation:
      "leave it in its own orientation, or write its qform or sform first"
    case .convertScalarType(let types):
      "convert them to \(types.map(\.rawValue).joined(separator: " or ")), or write NIfTI"
    case .writeRealValues: "name a scalar type to write real values, or write NIfTI"
    case .chooseFillOrScalarType: "use another fill value or scalar type"
    case .chooseBlend: "say how patches are blended"
    case .namePattern: "keep one, or say how the files are called"
    case .namePatternOrFillMissing:
      "say how the files are called, or let voxels without a patch have the fill value"
    case .ignorePositions: "repair what wrote it, or merge by names whatever the positions say"
    case .chooseScalarType: "merge into a scalar type that holds them"
    case .mergeAsOneScalarType: "all must hold the same, unless the merged file is given a scalar type"
    case .chooseNaNPolicy: "ignore NaN or propagate it, or repair what made it"
    case .replaceNotFinite: "replace them with a number, or use the nearest value"
    case .givePatchSize: "give the patch size that it was trained with, such as 96"
    case .predictWholeScan: "predict the whole scan: leave out the mask and the limit to the foreground"
    case .checkNormalization: "look at the normalization and at the scan's own values"
    case .chooseOutputFit: "say which of the two it is"
    case .chooseOutput: "name another output if it is not the one you want"
    case .nameLayout: "name the order of its axes, such as CDHW or NDHWC, if it is another one"
    case .resampleScan: "resample the scan to that size first"
    case .keepVoxels: "or predict it with the voxels that it has"
    case .takeAsProbabilities: "take them as probabilities, without an activation"
    case .giveAllLabels: "give a value or a name for each label"
    case .giveReach: "say its stride and radius, if it has some, or lay patches without them"
    case .leaveAlignment: "lay patches without an alignment"
    case .giveTaskLabels: "give a table that says what each of them becomes"
    case .predictTimePoints: "or, where they are time points, predict each of them by itself"
    case .installOnnxRuntime(let oldest):
      "install it with `pip install onnxruntime` (\(oldest) or later), or name its library"
    case .searchFewerGrids(let bytes):
      "use a larger multiple, "
        + (bytes.map { "more memory (\(($0 >> 20) + 1) MiB would be enough for one that was tried), " } ?? "")
        + "or keep the patch or the overlap"
    case .useSmallerMultiple(let axis):
      "use a smaller multiple, such as 1 along \(axis), or the edge policy pad"
    case .nameManifest:
      "where the patches are another tool's, name the manifest that was written when they were cut"
    case .nameSourceImage:
      "name the image that was cut, which is then shown instead of the patches, or verify the patches"
    case .chooseSeries: "choose one by its number, or name one of its files"
    case .searchFolders: "search the folders inside it, too"
    case .sayWhetherCases: "say whether each is a scan, or all are the channels of one"
    case .resumeOrReplace:
      "resume what an earlier run has left, allow all to be replaced, or name another folder"
    case .replaceForeign: "move it, or allow it to be replaced"
    case .takeMoreSamples(let needed): "choose \(needed) patches, or as many as are needed"
    case .padOrShrinkSample(let axis, let largest):
      "pad small scans, or use a patch \(axis.sizeName) of at most \(largest)"
    case .chooseChannel: "choose one of them"
    case .nameLabelType: "write .nrrd, or whole numbers"
    case .convertToGray: "convert it to gray first"
    case .leaveOrientation: "leave its axes as they are, or write its qform or sform first"
    }
  }
}
