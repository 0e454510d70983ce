#pragma once
class UEditorEngine;
extern UEditorEngine* GEditor;
