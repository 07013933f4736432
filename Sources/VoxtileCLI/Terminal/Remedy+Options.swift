import Voxtile
import VoxtileInference

extension VoxtileError.Remedy {
  /// What to do, in the options of the program.
  var inOptions: String {
    switch self {
    case .replaceTarget: "name another target, or use --force to replace it"
    case .padOrShrinkPatch(let axis, let largest):
      "use --edge pad or --edge partial, or a patch \(axis.sizeName) of at most \(largest)"
    case .avoidPartialPatches: "use another --edge than partial"
    case .avoidPartialPatchesOrTurning: "use another --edge than partial, or --orientation source"
    case .keepOrientation:
      "use --orientation source if it lies as the network expects, or write its qform or sform first, for example with "
        + "fslorient or nifti_tool"
    case .convertScalarType(let types):
      "convert them with \(types.map { "--type \($0.rawValue)" }.joined(separator: " or ")), or write .nii.gz"
    case .writeRealValues: "use --type to write real values, or write .nii.gz"
    case .chooseFillOrScalarType: "use another --fill or --type"
    case .chooseBlend: "say how patches are blended with --blend"
    case .namePattern: "keep one, or say how the files are called with --pattern, such as '{name}_seg.nii.gz'"
    case .namePatternOrFillMissing:
      "say how the files are called with --pattern, such as '{name}_seg.nii.gz', or use --missing fill"
    case .ignorePositions: "repair what wrote it, or merge by names with --ignore-positions"
    case .chooseScalarType: "use a --type that holds them"
    case .mergeAsOneScalarType: "all must hold the same, unless --type says what the merged file holds"
    case .chooseNaNPolicy: "use --nan ignore or --nan propagate, or repair what made it"
    case .replaceNotFinite:
      "put a number in their place with voxtile resample --replace-nan, such as 0, or resample with --interpolation nearest"
    case .givePatchSize: "give the patch size that it was trained with, for example --patch 96"
    case .predictWholeScan: "leave out --mask and --foreground"
    case .checkNormalization: "look at --normalize and at the scan's own values"
    case .chooseOutputFit: "say which with --output-margin or --output-scale"
    case .chooseOutput: "--output-name takes another one"
    case .nameLayout: "if it is another one, name it with --layout, such as --layout CDHW or --layout NDHWC"
    case .resampleScan: "leave out --spacing keep to resample it"
    case .keepVoxels: "--spacing keep predicts it with the voxels that it has"
    case .takeAsProbabilities: "--activation none takes them as they are"
    case .giveReach: "give numbers to --align and --halo, or leave both out"
    case .leaveAlignment: "use --align none"
    case .giveTaskLabels: "say in a table what each of them becomes, with --task-labels"
    case .giveAllLabels:
      "give a value for each label with --labels, or a name in the network's voxtile.labels"
    case .predictTimePoints: "or, where they are time points, use --time-points separately"
    case .installOnnxRuntime(let oldest):
      "install it with `pip install onnxruntime` (\(oldest) or later), or name its library with --onnxruntime PATH or "
        + "the variable \(OnnxRuntime.variableName)"
    case .searchFewerGrids(let bytes):
      "use a larger --multiple-of, "
        + (bytes.map { "more memory (\(($0 >> 20) + 1) MiB would be enough for one that was tried), " } ?? "")
        + "or keep the patch or the overlap"
    case .useSmallerMultiple(let axis):
      "use a smaller --multiple-of, such as 1 along \(axis), or --edge pad"
    case .nameManifest:
      "where the patches are another tool's, name the manifest of the crop with --manifest"
    case .nameSourceImage:
      "name the image that was cut with --against, which is then shown instead of the patches, or see with verify "
        + "what else is wrong with them"
    case .takeMoreSamples(let needed): "use --count \(needed) or --count auto"
    case .padOrShrinkSample(let axis, let largest):
      "use --edge pad, or a patch \(axis.sizeName) of at most \(largest)"
    case .chooseSeries: "choose one with --series-number, or name one of its files"
    case .searchFolders: "use --recursive to search them"
    case .sayWhetherCases:
      "say --as-channels where they are the channels of one scan, or --as-cases where each is a scan"
    case .resumeOrReplace: "use --resume to go on, --force to make all again, or name another folder"
    case .replaceForeign: "move it, or use --force to replace it"
    case .chooseChannel: "choose one of them with --channel of voxtile convert"
    case .nameLabelType: "write .nrrd, or, where they are labels, use a --type such as --type uint8"
    case .convertToGray: "make it gray first, with --gray of voxtile convert"
    case .leaveOrientation:
      "leave out --orientation, or convert it to .nii and write its qform or sform first, for example with fslorient or "
        + "nifti_tool"
    }
  }
}
