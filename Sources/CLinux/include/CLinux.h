#pragma once

#include "CLinuxProcess.h"
#include "CLinuxSignals.h"
#include "CLinuxTerminal.h"
